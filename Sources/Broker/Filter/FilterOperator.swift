/// How a value is compared.
enum FilterOperator: Sendable {
    case equals(FilterLiteral)
    case less(Double)
    case lessOrEqual(Double)
    case greater(Double)
    case greaterOrEqual(Double)
    case isOneOf([FilterLiteral])
    case matches(BytePattern)
    /// With `*` for any bytes, and `?` for one.
    case isLike(Glob)
    /// As bindings of a topic exchange: `*` for a word, `#` for any number of words.
    case fitsTopic(TopicPattern)
    case contains(SoughtBytes)
    case exists

    /// - Parameter work: what may yet be done for the message.
    func holds(for value: FilterValue, _ work: inout FilterWork) -> FilterVerdict {
        switch self {
        case .exists: return .yes
        case .equals(let literal):
            guard work.take(bytes: FilterWork.bytesPerValue) else { return .undecided }
            return FilterVerdict(literal.equals(value))
        case .isOneOf(let literals):
            guard work.take(bytes: FilterWork.bytesPerValue * literals.count) else { return .undecided }
            return FilterVerdict(literals.contains { $0.equals(value) })
        case .less(let bound): return Self.compare(value, &work) { $0 < bound }
        case .lessOrEqual(let bound): return Self.compare(value, &work) { $0 <= bound }
        case .greater(let bound): return Self.compare(value, &work) { $0 > bound }
        case .greaterOrEqual(let bound): return Self.compare(value, &work) { $0 >= bound }
        case .matches, .isLike, .fitsTopic, .contains:
            return FilterText.with(value) { text in text.map { holds(forText: $0, &work) } ?? .no }
        }
    }

    private func holds(forText text: UnsafeRawBufferPointer, _ work: inout FilterWork) -> FilterVerdict {
        switch self {
        case .matches(let pattern):
            guard text.count <= FilterLimits.patternBytesMax else { return .undecided }
            guard let isMatch = pattern.matches(text, stepsLeft: &work.patternStepsLeft) else { return .undecided }
            return FilterVerdict(isMatch)
        case .isLike(let glob):
            guard text.count <= FilterLimits.patternBytesMax else { return .undecided }
            guard let isMatch = glob.matches(text, stepsLeft: &work.patternStepsLeft) else { return .undecided }
            return FilterVerdict(isMatch)
        case .fitsTopic(let pattern):
            guard work.take(bytes: TopicPattern.keyBytesMax) else { return .undecided }
            return FilterVerdict(pattern.matches(text))
        case .contains(let part):
            guard text.count <= FilterLimits.searchBytesMax, work.take(bytes: text.count) else { return .undecided }
            return FilterVerdict(part.isContained(in: text))
        default: return .no
        }
    }

    private static func compare(
        _ value: FilterValue, _ work: inout FilterWork, _ isRight: (Double) -> Bool
    ) -> FilterVerdict {
        guard work.take(bytes: FilterWork.bytesPerValue) else { return .undecided }
        return FilterVerdict(value.asNumber.map(isRight) ?? false)
    }
}
