// What somebody has to be allowed to see to use a filter: its answers tell of that, one by one.

extension FilterSubject {
    var right: DeadLetterRight {
        switch self {
        case .body, .json: .bodies
        case .exchange, .key, .age, .size, .isRedelivered, .deliveryCount, .deaths, .lastDeath, .firstDeath,
            .redrivenCount, .property, .header:
            .metadata
        }
    }
}

extension FilterNode {
    fileprivate var rights: Set<DeadLetterRight> {
        switch self {
        // Who names an id has been told it.
        case .everything, .ids: []
        case .test(let subject, _): [subject.right]
        case .not(let node): node.rights
        case .all(let nodes), .any(let nodes): nodes.reduce(into: []) { $0.formUnion($1.rights) }
        }
    }
}

extension MessageFilter {
    /// Of `metadata` and `bodies`, those that it takes to see what the filter looks at.
    public var rights: Set<DeadLetterRight> { root.rights }
}

extension GroupKey {
    /// `metadata` or `bodies`: what it takes to see the keys of groups.
    public var right: DeadLetterRight { subject.right }
}
