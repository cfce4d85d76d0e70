/// What filters have to do with the message that is being published.
struct FilterRound {
    /// A filter that is told if the message is accepted.
    struct Passed {
        let filter: PublishFilter
        /// In the filter's queue; `nil` for an exchange's filter.
        let sequence: UInt64?
    }

    var passed: [Passed] = []
    /// A filter kept the message out somewhere.
    var hasFiltered = false

    var isInvolved: Bool { hasFiltered || !passed.isEmpty }

    mutating func reset() {
        passed.removeAll(keepingCapacity: true)
        hasFiltered = false
    }
}
