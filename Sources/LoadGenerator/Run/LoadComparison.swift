/// Two brokers under the same load, in alternation: what the machine does meanwhile happens to both.
public struct LoadComparison: Sendable {
    /// The results of each round, in order.
    public private(set) var first: [LoadResult] = []
    public private(set) var second: [LoadResult] = []

    public init() {}

    public mutating func add(_ first: LoadResult, _ second: LoadResult) {
        self.first.append(first)
        self.second.append(second)
    }

    /// One number of both brokers: the medians over all rounds, and the second's by the first's.
    public struct Line: Equatable, Sendable {
        public let first: LoadMetric
        public let second: LoadMetric

        /// `nil` without two numbers, or if the first is 0.
        public var ratio: Double? {
            guard let first = first.value, let second = second.value, first != 0 else { return nil }
            return second / first
        }
    }

    /// A line for each number that both have.
    public var lines: [Line] {
        let seconds = Self.medians(second)
        return Self.medians(first).compactMap { first in
            seconds.first { $0.name == first.name }.map { Line(first: first, second: $0) }
        }
    }

    /// Of each number its median, in the order of the first result that has it.
    static func medians(_ results: [LoadResult]) -> [LoadMetric] {
        let all = results.map(\.metrics)
        var names: [String] = []
        for metric in all.joined() where !names.contains(metric.name) { names.append(metric.name) }
        return names.compactMap { name in
            let those = all.compactMap { $0.first { $0.name == name } }
            return those.first.map { LoadMetric(name, median(those.compactMap(\.value)), decimals: $0.decimals) }
        }
    }

    /// The middle one; of an even number the mean of the two in the middle.
    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
