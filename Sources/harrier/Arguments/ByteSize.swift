import ArgumentParser

/// A number of bytes as people write it: `256MiB`, `64KiB`, `1GiB`, or plain bytes, `1048576`.
///
/// `KB`, `MB` and `GB` are powers of ten, as everywhere else. Upper and lower case count the same.
struct ByteSize: ExpressibleByArgument, Equatable {
    let bytes: Int

    private static let units: [(suffix: String, bytes: Int)] = [
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
        ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ("b", 1), ("", 1),
    ]

    init(bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let text = argument.lowercased()
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits)
        else { return nil }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit.bytes)
        guard !isTooLarge else { return nil }
        self.bytes = bytes
    }

    /// The largest unit that gives a whole number, so that help shows `256MiB` and not `268435456`.
    var defaultValueDescription: String {
        for (suffix, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes >= size && bytes.isMultiple(of: size) {
            return "\(bytes / size)\(suffix)"
        }
        return "\(bytes)"
    }
}
