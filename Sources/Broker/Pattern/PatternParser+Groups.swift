extension PatternParser {
    /// What stands behind an opening parenthesis, and the closing one.
    mutating func group() throws(PatternError) -> (PatternNode, isRepeatable: Bool) {
        guard take("?") else {
            guard next != UInt8(ascii: "*") else { throw error("verbs, and repeating nothing, are not supported") }
            return (try content(), true)
        }
        if take(":") || take("|") { return (try content(), true) }
        if take("=") { return (.look(try content(), isAhead: true, isNegated: false), true) }
        if take("!") { return (.look(try content(), isAhead: true, isNegated: true), true) }
        if take("<=") { return (.look(try content(), isAhead: false, isNegated: false), true) }
        if take("<!") { return (.look(try content(), isAhead: false, isNegated: true), true) }
        try refuseUnsupported()
        if take("P<") || take("<") {
            try checkName(try takeThrough(">", else: "missing > after a group's name"))
            return (try content(), true)
        }
        if take("'") {
            try checkName(try takeThrough("'", else: "missing ' after a group's name"))
            return (try content(), true)
        }
        return try groupWithOptions()
    }

    private func refuseUnsupported() throws(PatternError) {
        switch next {
        case UInt8(ascii: ">"): throw error("atomic groups are not supported")
        case UInt8(ascii: "("): throw error("conditions are not supported")
        case UInt8(ascii: "C"): throw error("callouts are not supported")
        case UInt8(ascii: "R"), UInt8(ascii: "&"), UInt8(ascii: "+"):
            throw error("recursion is not supported")
        case let digit? where ByteSet.digit.contains(digit): throw error("recursion is not supported")
        case UInt8(ascii: "P"):
            if peek(1) == UInt8(ascii: "=") { throw error("backreferences are not supported") }
            if peek(1) == UInt8(ascii: ">") { throw error("recursion is not supported") }
        case UInt8(ascii: "-"):
            if let digit = peek(1), ByteSet.digit.contains(digit) { throw error("recursion is not supported") }
        default: break
        }
    }

    private func checkName(_ name: [UInt8]) throws(PatternError) {
        let isName = name.allSatisfy { ByteSet.word.contains($0) } && name.count <= 32
        guard let first = name.first, isName, !ByteSet.digit.contains(first) else {
            throw error("a group's name consists of letters, digits and underscores")
        }
    }

    /// Options that are switched within the group end with it.
    private mutating func content() throws(PatternError) -> PatternNode {
        let outside = options
        let node = try alternatives()
        guard take(")") else { throw error("missing )") }
        options = outside
        return node
    }

    /// `(?i-s)`, which holds to the end of the group around it, or `(?i-s:…)`.
    private mutating func groupWithOptions() throws(PatternError) -> (PatternNode, isRepeatable: Bool) {
        let outside = options
        var isOn = true
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "i"): options.ignoresCase = isOn
            case UInt8(ascii: "m"): options.isMultiLine = isOn
            case UInt8(ascii: "s"): options.dotIsAny = isOn
            case UInt8(ascii: "x"): options.isExtended = isOn
            // Laziness by default, and group names that stand twice: nothing that a match depends on.
            case UInt8(ascii: "U"), UInt8(ascii: "J"): break
            case UInt8(ascii: "-"): isOn = false
            case UInt8(ascii: ")"): return (.empty, false)
            case UInt8(ascii: ":"):
                let node = try content()
                options = outside
                return (node, true)
            default: throw error("unrecognized character after (? or (?-")
            }
        }
        throw error("missing )")
    }
}
