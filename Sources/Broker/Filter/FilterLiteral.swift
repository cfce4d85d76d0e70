/// A value as it stands in a filter.
struct FilterLiteral: Sendable {
    let bytes: [UInt8]
    /// Stands without quotes, so that it may be a number, a time, a size, `true`, `false` or `null`.
    let isBare: Bool
    private let integer: Int64?
    /// What it is in the subject's unit, if it is a number.
    let number: Double?
    private let boolean: Bool?
    private let isNull: Bool

    /// - Returns: nil if it has no meaning for what it is compared with: see `FilterSubject.Kind`.
    init?(_ bytes: [UInt8], isBare: Bool, as kind: FilterSubject.Kind) {
        self.bytes = bytes
        self.isBare = isBare
        let text = String(decoding: bytes, as: UTF8.self)
        integer = isBare ? bytes.withUnsafeBytes { DecimalText.integer($0) } : nil
        boolean = isBare ? (text == "true" ? true : text == "false" ? false : nil) : nil
        isNull = isBare && text == "null"
        switch kind {
        case .time: number = isBare ? Self.quantity(text, Self.timeUnits) : nil
        case .bytes: number = isBare ? integer.map { Double($0) } ?? Self.quantity(text, Self.byteUnits) : nil
        case .number, .text, .any: number = isBare ? bytes.withUnsafeBytes { DecimalText.number($0) } : nil
        case .boolean: number = nil
        }
        switch kind {
        case .time, .bytes, .number: guard number != nil else { return nil }
        case .boolean: guard boolean != nil else { return nil }
        case .text, .any: break
        }
    }

    /// In milliseconds.
    private static let timeUnits: [(String, Double)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    private static let byteUnits: [(String, Double)] = [
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("kB", 1000), ("KB", 1000), ("MB", 1_000_000),
        ("GB", 1_000_000_000), ("B", 1),
    ]

    private static func quantity(_ text: String, _ units: [(String, Double)]) -> Double? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count)
        guard let number = Double(digits), let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
        return number * factor
    }

    func equals(_ value: FilterValue) -> Bool {
        switch value {
        case .text(let text):
            text.count == bytes.count && bytes.withUnsafeBytes { $0.elementsEqual(text) }
        case .integer(let value): integer.map { $0 == value } ?? (number == Double(value))
        case .number(let value): number == value
        case .digits(let text):
            bytes.withUnsafeBytes { own in
                isBare && DecimalText.isWhole(own) ? own.elementsEqual(text) : number != nil && number == value.asNumber
            }
        case .boolean(let value): boolean == value
        case .null: isNull
        case .other: false
        }
    }
}
