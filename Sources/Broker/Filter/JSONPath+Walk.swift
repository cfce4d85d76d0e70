extension JSONPath {
    /// Calls `body` with each value that the path leads to, until one says yes. The text is read once, from its front, and no
    /// farther than needed; what is no JSON on the way has no values.
    func ask(_ text: UnsafeRawBufferPointer, _ body: (FilterValue) -> FilterVerdict) -> FilterVerdict {
        var scanner = JSONScanner(text)
        var verdict = FilterVerdict.no
        let end = follow(0, &scanner) { value in
            switch body(value) {
            case .yes:
                verdict = .yes
                return false
            case .undecided: verdict = .undecided
            case .no: break
            }
            return true
        }
        return end == .tooDeep && verdict == .no ? .undecided : verdict
    }

    private enum End {
        /// The scanner stands behind the value.
        case passed
        /// Nobody wants more, or there can't be any.
        case done
        case malformed
        case tooDeep
    }

    /// - Parameter found: is called with the values; false for no more.
    private func follow(_ step: Int, _ scanner: inout JSONScanner, _ found: (FilterValue) -> Bool) -> End {
        scanner.skipSpace()
        guard step < steps.count else {
            let result = scanner.withValue(found)
            return result.map { $0 ? .passed : .done } ?? failure(scanner)
        }
        switch (steps[step], scanner.next) {
        case (.name, UInt8(ascii: "{")), (.all, UInt8(ascii: "{")): return followMembers(step, &scanner, found)
        case (.index, UInt8(ascii: "[")), (.all, UInt8(ascii: "[")): return followElements(step, &scanner, found)
        default: return pass(&scanner)
        }
    }

    private func failure(_ scanner: JSONScanner) -> End { scanner.isTooDeep ? .tooDeep : .malformed }

    private func pass(_ scanner: inout JSONScanner) -> End { scanner.skipValue() ? .passed : failure(scanner) }

    private func followMembers(_ step: Int, _ scanner: inout JSONScanner, _ found: (FilterValue) -> Bool) -> End {
        scanner.advance()
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "}")) { return .passed }
        while true {
            scanner.skipSpace()
            guard let name = scanner.readString() else { return .malformed }
            scanner.skipSpace()
            guard scanner.take(UInt8(ascii: ":")) else { return .malformed }
            var isWanted = true
            if case .name(let wanted) = steps[step] { isWanted = name.equals(wanted) }
            let end = isWanted ? follow(step + 1, &scanner, found) : pass(&scanner)
            guard end == .passed else { return end }
            // Of a name that stands twice, the first counts; what follows need not be read unless a star stands before.
            if isWanted, steps[step] != .all, !steps[..<step].contains(.all) { return .done }
            scanner.skipSpace()
            if scanner.take(UInt8(ascii: "}")) { return .passed }
            guard scanner.take(UInt8(ascii: ",")) else { return .malformed }
        }
    }

    private func followElements(_ step: Int, _ scanner: inout JSONScanner, _ found: (FilterValue) -> Bool) -> End {
        scanner.advance()
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "]")) { return .passed }
        var index = 0
        while true {
            let isWanted = steps[step] == .all || steps[step] == .index(index)
            scanner.skipSpace()
            let end = isWanted ? follow(step + 1, &scanner, found) : pass(&scanner)
            guard end == .passed else { return end }
            if isWanted, steps[step] != .all, !steps[..<step].contains(.all) { return .done }
            index += 1
            scanner.skipSpace()
            if scanner.take(UInt8(ascii: "]")) { return .passed }
            guard scanner.take(UInt8(ascii: ",")) else { return .malformed }
        }
    }
}
