/// A program at work on one text. It keeps the set of states that the text so far can lead to, so no byte is looked at
/// twice, and no state is entered twice at one byte.
struct PatternRun {
    private let program: PatternProgram
    private let text: [UInt8]
    /// States that may yet be entered.
    private var stepsLeft: Int
    /// For each lookaround, where it matches: computed once, for all positions together.
    private var lookResults: [[Bool]] = []

    // Scratch memory.
    private var states: [Int] = []
    private var statesBefore: [Int] = []
    private var pending: [Int] = []
    /// The round in which a state was entered last.
    private var enteredIn: [Int] = []
    private var round = 0

    init(_ program: PatternProgram, _ text: [UInt8], stepsMax: Int = .max) {
        self.program = program
        self.text = text
        stepsLeft = stepsMax
        let stateCount = max(program.instructions.count, program.looks.map(\.instructions.count).max() ?? 0)
        enteredIn = Array(repeating: 0, count: stateCount)
        states.reserveCapacity(stateCount)
        statesBefore.reserveCapacity(stateCount)
        pending.reserveCapacity(stateCount)
    }

    /// - Returns: nil if that takes more steps than it may.
    mutating func isMatch() -> Bool? {
        for look in program.looks {
            var results = Array(repeating: false, count: text.count + 1)
            run(look.instructions, isBackward: look.isAhead) { position in
                results[position] = true
                return true
            }
            guard stepsLeft > 0 else { return nil }
            lookResults.append(results)
        }
        var isFound = false
        run(program.instructions, isBackward: false) { _ in
            isFound = true
            return false
        }
        return isFound ? true : stepsLeft > 0 ? false : nil
    }

    /// Starts anew at every position, and calls `found` with each at which a match ends, until that returns false.
    private mutating func run(
        _ code: [PatternProgram.Instruction], isBackward: Bool, _ found: (Int) -> Bool
    ) {
        states.removeAll(keepingCapacity: true)
        round += 1
        var position = isBackward ? text.count : 0
        let last = isBackward ? 0 : text.count
        var isMatch = false
        while true {
            isMatch = enter(0, at: position, code) || isMatch
            if isMatch, !found(position) { return }
            guard position != last, stepsLeft > 0 else { return }
            stepsLeft -= states.count + 1
            let byte = text[isBackward ? position - 1 : position]
            position += isBackward ? -1 : 1
            round += 1
            isMatch = false
            swap(&states, &statesBefore)
            states.removeAll(keepingCapacity: true)
            for index in statesBefore.indices {
                let state = statesBefore[index]
                guard case .bytes(let set) = code[state], set.contains(byte) else { continue }
                isMatch = enter(state + 1, at: position, code) || isMatch
            }
        }
    }

    /// Adds the state, and those that are reached from it without a byte, to the set of those that wait for one.
    ///
    /// - Returns: whether the end of the program is among them.
    private mutating func enter(
        _ state: Int, at position: Int, _ code: [PatternProgram.Instruction]
    ) -> Bool {
        var isMatch = false
        pending.append(state)
        while let state = pending.popLast() {
            guard enteredIn[state] != round else { continue }
            enteredIn[state] = round
            switch code[state] {
            case .bytes: states.append(state)
            case .split(let first, let second):
                pending.append(second)
                pending.append(first)
            case .jump(let target): pending.append(target)
            case .assertion(let assertion):
                if assertion.holds(at: position, in: text) { pending.append(state + 1) }
            case .look(let index, let isNegated):
                if lookResults[index][position] != isNegated { pending.append(state + 1) }
            case .match: isMatch = true
            }
        }
        return isMatch
    }
}
