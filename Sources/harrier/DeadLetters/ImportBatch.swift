import HarrierManagement
import LosslessJSON

/// Exported messages on their way to the broker, some hundred in a request, and what has become of them.
struct ImportBatch {
    private static let countMax = 500
    private static let bytesMax = 8 << 20
    /// What the broker needs of a line; the rest is for people.
    private static let names: Set<String> = [
        "export_id", "exchange", "routing_key", "properties_encoded", "payload", "payload_encoding",
    ]

    private let client: ManagementClient
    private let path: [String]
    private var items: [JSONValue] = []
    private var byteCount = 0
    private(set) var imported = 0
    private(set) var known = 0
    private(set) var refused = 0
    /// Those whose bodies were left out when they were exported.
    private(set) var withoutBody = 0

    init(_ client: ManagementClient, path: [String]) {
        self.client = client
        self.path = path
    }

    /// - Throws: for a line that is no JSON object.
    mutating func add(_ line: [UInt8]) throws {
        guard let fields = try JSONValue(parsing: line).object else { throw NoObject() }
        guard fields[MessageRedaction.withoutBodyField] != true else {
            withoutBody += 1
            return
        }
        items.append(.object(fields.filter { Self.names.contains($0.key) }))
        byteCount += line.count
    }

    struct NoObject: Error, CustomStringConvertible {
        var description: String { "expected an object" }
    }

    var isFull: Bool { items.count >= Self.countMax || byteCount >= Self.bytesMax }

    mutating func send() async throws {
        guard !items.isEmpty else { return }
        let answer = try await client.postForObject(path, ["items": .array(items)])
        imported += answer.integer("imported") ?? 0
        known += answer.integer("known") ?? 0
        refused += answer.integer("refused") ?? 0
        items = []
        byteCount = 0
    }

    var text: String {
        "\(imported) messages imported, \(known) known already, \(refused) refused"
            + (withoutBody > 0 ? ", \(withoutBody) passed over since they are without their bodies" : "")
    }
}
