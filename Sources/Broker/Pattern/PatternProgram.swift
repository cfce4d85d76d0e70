/// A regular expression as instructions: a state machine whose states are the instructions' numbers.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Goes on behind one of these bytes.
        case bytes(ByteSet)
        /// Goes on in both places.
        case split(Int, Int)
        case jump(Int)
        case assertion(PatternAssertion)
        /// Goes on where the lookaround of that number matches, or where it does not.
        case look(Int, isNegated: Bool)
        case match
    }

    /// A lookahead or lookbehind.
    struct Look: Sendable {
        let instructions: [Instruction]
        /// It is run from the text's end to its start: then where it ends is where the lookahead begins.
        let isAhead: Bool
    }

    /// The most instructions that a pattern may have, its repetitions written out: thousands of times what permissions
    /// have. It is the most steps that are taken for a byte of the text.
    static let instructionsMax = 4096

    let instructions: [Instruction]
    /// Those that others contain come before these.
    let looks: [Look]
    /// The bytes that a match can begin with; nil if that depends on what is around it, or it may be empty.
    let firstBytes: ByteSet?

    init(_ root: PatternNode) throws(PatternError) {
        var compiler = PatternCompiler()
        instructions = try compiler.compile(root, isReversed: false)
        looks = compiler.looks
        firstBytes = Self.firstBytes(instructions)
    }

    private static func firstBytes(_ code: [Instruction]) -> ByteSet? {
        var first = ByteSet()
        var entered: Set<Int> = []
        var pending = [0]
        while let state = pending.popLast() {
            guard entered.insert(state).inserted else { continue }
            switch code[state] {
            case .bytes(let set): first.formUnion(set)
            case .split(let one, let other): pending += [one, other]
            case .jump(let target): pending.append(target)
            case .assertion, .look, .match: return nil
            }
        }
        return first
    }
}
