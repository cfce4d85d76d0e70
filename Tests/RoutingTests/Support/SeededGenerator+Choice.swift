import SeededRandom

extension SeededGenerator {
    /// True in one of `denominator` cases.
    mutating func oneIn(_ denominator: Int) -> Bool { next(upTo: denominator) == 0 }

    mutating func element<Elements: RandomAccessCollection>(of elements: Elements) -> Elements.Element {
        elements[elements.index(elements.startIndex, offsetBy: next(upTo: elements.count))]
    }
}
