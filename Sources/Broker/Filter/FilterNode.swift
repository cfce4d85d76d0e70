/// A filter as a tree.
indirect enum FilterNode: Sendable {
    case everything
    case test(FilterSubject, FilterOperator)
    case ids(Set<UInt64>)
    case not(FilterNode)
    case all([FilterNode])
    case any([FilterNode])

    /// What is undecided stays so unless the other parts decide it.
    func verdict(on message: inout FilteredMessage) -> FilterVerdict {
        switch self {
        case .everything: return .yes
        case .test(let subject, let comparison):
            var work = message.work
            defer { message.work = work }
            // A path goes through the whole body.
            if case .json = subject {
                let count = message.view.bodyCount
                guard count <= FilterLimits.jsonBytesMax, work.take(bytes: count) else { return .undecided }
            }
            return subject.ask(&message) { comparison.holds(for: $0, &work) }
        case .ids(let ids): return FilterVerdict(ids.contains(message.walked.entry.sequence))
        case .not(let node): return node.verdict(on: &message).negated
        case .all(let nodes):
            var verdict = FilterVerdict.yes
            for node in nodes {
                switch node.verdict(on: &message) {
                case .yes: break
                case .no: return .no
                case .undecided: verdict = .undecided
                }
            }
            return verdict
        case .any(let nodes):
            var verdict = FilterVerdict.no
            for node in nodes {
                switch node.verdict(on: &message) {
                case .yes: return .yes
                case .no: break
                case .undecided: verdict = .undecided
                }
            }
            return verdict
        }
    }

    /// The ids that a message has to have one of; nil if others may match as well.
    var requiredIDs: Set<UInt64>? {
        switch self {
        case .ids(let ids): ids
        case .all(let nodes): nodes.compactMap(\.requiredIDs).min { $0.count < $1.count }
        case .any(let nodes):
            nodes.reduce(into: Optional(Set<UInt64>())) { union, node in
                union = union.flatMap { union in node.requiredIDs.map { union.union($0) } }
            }
        case .everything, .test, .not: nil
        }
    }
}
