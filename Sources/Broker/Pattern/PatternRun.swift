/// A program at work on one text. It keeps the set of states that the text so far can lead to, so no byte is looked at
/// twice, and no state is entered twice at one byte.
///
/// Without lookarounds and with few instructions it allocates nothing: filters match a million texts in a row.
struct PatternRun {
    private let program: PatternProgram
    private let text: UnsafeRawBufferPointer
    /// States that may yet be entered.
    private var stepsLeft: Int
    /// Bytes that are passed over in the time that a state takes.
    private static let bytesPerStep = 8
    /// For each lookaround, where it matches: computed once, for all positions together.
    private var lookResults: [[Bool]] = []

    // Scratch memory.
    private var states: States
    private var statesBefore: States
    private var pending: States
    /// The round in which a state was entered last.
    private var enteredIn: UnsafeMutablePointer<Int32>
    private var round: Int32 = 0

    /// Numbers of instructions, in memory that somebody else has.
    private struct States {
        let numbers: UnsafeMutablePointer<Int32>
        var count = 0

        mutating func append(_ state: Int) {
            numbers[count] = Int32(truncatingIfNeeded: state)
            count += 1
        }

        mutating func popLast() -> Int? {
            guard count > 0 else { return nil }
            count -= 1
            return Int(numbers[count])
        }
    }

    /// - Parameter stepsLeft: states that may be entered, less those that were.
    /// - Returns: whether the program matches anywhere in the text; nil if that takes more steps than it may.
    static func isMatch(_ program: PatternProgram, _ text: UnsafeRawBufferPointer, stepsLeft: inout Int) -> Bool? {
        let stateCount = max(program.instructions.count, program.looks.map(\.instructions.count).max() ?? 0)
        // Two sets of states; those that are pending, of which each state that is entered adds two; the rounds.
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 5 * stateCount + 1) { scratch in
            guard let memory = scratch.baseAddress else { return nil }
            scratch.initialize(repeating: 0)
            var run = PatternRun(program, text, stepsLeft: stepsLeft, memory, stateCount)
            defer { stepsLeft = max(0, run.stepsLeft) }
            return run.isMatch()
        }
    }

    private init(
        _ program: PatternProgram, _ text: UnsafeRawBufferPointer, stepsLeft: Int,
        _ memory: UnsafeMutablePointer<Int32>, _ stateCount: Int
    ) {
        self.program = program
        self.text = text
        self.stepsLeft = stepsLeft
        states = States(numbers: memory)
        statesBefore = States(numbers: memory + stateCount)
        enteredIn = memory + 2 * stateCount
        pending = States(numbers: memory + 3 * stateCount)
    }

    private mutating func isMatch() -> Bool? {
        for look in program.looks {
            var results = Array(repeating: false, count: text.count + 1)
            run(look.instructions, isBackward: look.isAhead, firstBytes: nil) { position in
                results[position] = true
                return true
            }
            guard stepsLeft > 0 else { return nil }
            lookResults.append(results)
        }
        var isFound = false
        run(program.instructions, isBackward: false, firstBytes: program.firstBytes) { _ in
            isFound = true
            return false
        }
        return isFound ? true : stepsLeft > 0 ? false : nil
    }

    /// Starts anew at every position, and calls `found` with each at which a match ends, until that returns false.
    ///
    /// - Parameter firstBytes: of each match; nil if that is not known. Where none is under way, the others are passed over.
    private mutating func run(
        _ code: [PatternProgram.Instruction], isBackward: Bool, firstBytes: ByteSet?, _ found: (Int) -> Bool
    ) {
        states.count = 0
        round += 1
        var position = isBackward ? text.count : 0
        let last = isBackward ? 0 : text.count
        var isMatch = false
        while true {
            if let firstBytes, states.count == 0 {
                position = firstPosition(of: firstBytes, from: position)
            }
            isMatch = enter(0, at: position, code) || isMatch
            if isMatch, !found(position) { return }
            guard position != last, stepsLeft > 0 else { return }
            let byte = text[isBackward ? position - 1 : position]
            position += isBackward ? -1 : 1
            round += 1
            isMatch = false
            swap(&states, &statesBefore)
            states.count = 0
            for index in 0..<statesBefore.count {
                let state = Int(statesBefore.numbers[index])
                guard case .bytes(let set) = code[state], set.contains(byte) else { continue }
                isMatch = enter(state + 1, at: position, code) || isMatch
            }
        }
    }

    /// Of the next byte in the set; the text's end, or where the steps are used up, if there is none before.
    private mutating func firstPosition(of bytes: ByteSet, from start: Int) -> Int {
        let left = text.count - start
        let end = left / Self.bytesPerStep < stepsLeft ? text.count : start + stepsLeft * Self.bytesPerStep
        var position = start
        while position < end, !bytes.contains(text[position]) { position += 1 }
        stepsLeft -= (position - start) / Self.bytesPerStep
        return position
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
            stepsLeft -= 1
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
