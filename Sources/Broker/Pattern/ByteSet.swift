/// Some of the 256 bytes.
struct ByteSet: Equatable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    init(_ byte: UInt8) {
        insert(byte...byte)
    }

    init(_ ranges: ClosedRange<UInt8>...) {
        for range in ranges { insert(range) }
    }

    init(_ bytes: [UInt8]) {
        for byte in bytes { insert(byte...byte) }
    }

    static let all = ByteSet(0...255)

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return word >> UInt64(byte & 63) & 1 != 0
    }

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range {
            let bit: UInt64 = 1 << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: words.0 |= bit
            case 1: words.1 |= bit
            case 2: words.2 |= bit
            default: words.3 |= bit
            }
        }
    }

    mutating func formUnion(_ other: ByteSet) {
        words = (
            words.0 | other.words.0, words.1 | other.words.1, words.2 | other.words.2, words.3 | other.words.3
        )
    }

    var complement: ByteSet {
        var result = ByteSet()
        result.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return result
    }

    /// With every ASCII letter in both cases.
    var foldingCase: ByteSet {
        var result = self
        for lower in UInt8(ascii: "a")...UInt8(ascii: "z") {
            let upper = lower - 32
            if contains(lower) || contains(upper) {
                result.insert(lower...lower)
                result.insert(upper...upper)
            }
        }
        return result
    }

    static func == (left: ByteSet, right: ByteSet) -> Bool {
        left.words == right.words
    }
}

extension ByteSet {
    static let digit = ByteSet(0x30...0x39)
    /// Letters, digits and the underscore.
    static let word = ByteSet(0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A)
    static let space = ByteSet(0x09...0x0D, 0x20...0x20)
    static let horizontalSpace = ByteSet([0x09, 0x20, 0xA0])
    static let verticalSpace = ByteSet([0x0A, 0x0B, 0x0C, 0x0D, 0x85])
    static let newline = ByteSet(0x0A)

    /// The class of that POSIX name, as in `[[:alpha:]]`.
    init?(posixName: String) {
        switch posixName {
        case "alpha": self.init(0x41...0x5A, 0x61...0x7A)
        case "lower": self.init(0x61...0x7A)
        case "upper": self.init(0x41...0x5A)
        case "alnum": self.init(0x30...0x39, 0x41...0x5A, 0x61...0x7A)
        case "ascii": self.init(0x00...0x7F)
        case "blank": self.init([0x09, 0x20])
        case "cntrl": self.init(0x00...0x1F, 0x7F...0x7F)
        case "digit": self = .digit
        case "graph": self.init(0x21...0x7E)
        case "print": self.init(0x20...0x7E)
        case "punct": self.init(0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E)
        case "space": self = .space
        case "word": self = .word
        case "xdigit": self.init(0x30...0x39, 0x41...0x46, 0x61...0x66)
        default: return nil
        }
    }
}
