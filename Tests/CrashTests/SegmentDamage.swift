import Foundation
import SeededRandom

/// What a crash of the machine may do to the end of the log that a crash of the process does not.
enum SegmentDamage: Equatable, Sendable {
    /// The file ends that many bytes before the end of the last record.
    case cut(byteCount: Int)
    /// The last bytes of the last record are zeros.
    case zeroed(byteCount: Int)
    /// Bytes that are no record follow the last record.
    case garbage(byteCount: Int)

    /// Whether the last record is damaged.
    var hitsLastRecord: Bool {
        switch self {
        case .cut, .zeroed: true
        case .garbage: false
        }
    }

    struct NoRecord: Error {}

    /// Does it to the newest segment of the data folder, where no process may be at work.
    func apply(toDataFolder folder: String, random: inout SeededGenerator) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".seg") }
        // The next segment is made ahead of time: the newest is the last one with records in it.
        for name in names.sorted().reversed() {
            let url = URL(fileURLWithPath: "\(folder)/\(name)")
            let end = Self.contentEnd(of: try Data(contentsOf: url, options: .alwaysMapped))
            guard end > Self.headerByteCount else { continue }
            let file = try FileHandle(forUpdating: url)
            defer { try? file.close() }
            switch self {
            case .cut(let byteCount):
                try file.truncate(atOffset: UInt64(end - byteCount))
            case .zeroed(let byteCount):
                try file.seek(toOffset: UInt64(end - byteCount))
                try file.write(contentsOf: Data(repeating: 0, count: byteCount))
            case .garbage(let byteCount):
                try file.seek(toOffset: UInt64((end + 7) & ~7))
                try file.write(contentsOf: Data((0..<byteCount).map { _ in UInt8.random(in: 1...255, using: &random) }))
            }
            return
        }
        throw NoRecord()
    }

    /// Every segment begins with it; behind it, zeros are free space.
    private static let headerByteCount = 64

    /// Behind the last byte that is not zero.
    private static func contentEnd(of segment: Data) -> Int {
        let zeros = [UInt8](repeating: 0, count: 4096)
        return segment.withUnsafeBytes { bytes in
            var end = bytes.count
            while end > 0 {
                let chunk = UnsafeRawBufferPointer(rebasing: bytes[max(end - zeros.count, 0)..<end])
                end -= chunk.count
                guard let start = chunk.baseAddress, memcmp(start, zeros, chunk.count) != 0 else { continue }
                return end + (chunk.lastIndex { $0 != 0 } ?? 0) + 1
            }
            return 0
        }
    }
}
