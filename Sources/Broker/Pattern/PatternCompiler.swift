/// Writes a regular expression's instructions.
struct PatternCompiler {
    private(set) var looks: [PatternProgram.Look] = []
    /// Instructions of all looks that are done, and of those under way.
    private var instructionCount = 0
    /// Empty parts have no instructions, but can be repeated a lot as well.
    private var visitCount = 0

    /// - Parameter isReversed: for a run from the text's end to its start.
    mutating func compile(
        _ node: PatternNode, isReversed: Bool
    ) throws(PatternError) -> [PatternProgram.Instruction] {
        var code: [PatternProgram.Instruction] = []
        try emit(node, isReversed, &code)
        try append(.match, &code)
        return code
    }

    private mutating func append(
        _ instruction: PatternProgram.Instruction, _ code: inout [PatternProgram.Instruction]
    ) throws(PatternError) {
        instructionCount += 1
        code.append(instruction)
        guard instructionCount <= PatternProgram.instructionsMax else { throw Self.tooLarge }
    }

    private static let tooLarge = PatternError(message: "the regular expression is too large", offset: 0)

    private mutating func emit(
        _ node: PatternNode, _ isReversed: Bool, _ code: inout [PatternProgram.Instruction]
    ) throws(PatternError) {
        visitCount += 1
        guard visitCount <= 4 * PatternProgram.instructionsMax else { throw Self.tooLarge }
        switch node {
        case .empty: break
        case .bytes(let set): try append(.bytes(set), &code)
        case .assertion(let assertion): try append(.assertion(assertion), &code)
        case .sequence(let parts):
            if isReversed {
                for part in parts.reversed() { try emit(part, isReversed, &code) }
            } else {
                for part in parts { try emit(part, isReversed, &code) }
            }
        case .alternatives(let alternatives): try emit(alternatives: alternatives, isReversed, &code)
        case .repeated(let part, let min, let max): try emit(part, min, max, isReversed, &code)
        case .look(let part, let isAhead, let isNegated):
            let instructions = try compile(part, isReversed: isAhead)
            looks.append(PatternProgram.Look(instructions: instructions, isAhead: isAhead))
            try append(.look(looks.count - 1, isNegated: isNegated), &code)
        }
    }

    private mutating func emit(
        alternatives: [PatternNode], _ isReversed: Bool, _ code: inout [PatternProgram.Instruction]
    ) throws(PatternError) {
        var jumps: [Int] = []
        for (index, alternative) in alternatives.enumerated() {
            guard index < alternatives.count - 1 else {
                try emit(alternative, isReversed, &code)
                break
            }
            let split = code.count
            try append(.jump(0), &code)
            try emit(alternative, isReversed, &code)
            jumps.append(code.count)
            try append(.jump(0), &code)
            code[split] = .split(split + 1, code.count)
        }
        for jump in jumps { code[jump] = .jump(code.count) }
    }

    private mutating func emit(
        _ part: PatternNode, _ min: Int, _ max: Int?, _ isReversed: Bool,
        _ code: inout [PatternProgram.Instruction]
    ) throws(PatternError) {
        for _ in 0..<min { try emit(part, isReversed, &code) }
        guard let max else {
            let start = code.count
            try append(.jump(0), &code)
            try emit(part, isReversed, &code)
            try append(.jump(start), &code)
            code[start] = .split(start + 1, code.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<max {
            splits.append(code.count)
            try append(.jump(0), &code)
            try emit(part, isReversed, &code)
        }
        for split in splits { code[split] = .split(split + 1, code.count) }
    }
}
