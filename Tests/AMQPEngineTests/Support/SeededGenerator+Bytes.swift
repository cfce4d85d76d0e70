import SeededRandom

extension SeededGenerator {
    /// True once in so many times.
    mutating func once(in count: Int) -> Bool { next(upTo: count) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(upTo: elements.count)] }

    mutating func bytes(countMax: Int) -> [UInt8] {
        (0..<next(upTo: countMax + 1)).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}
