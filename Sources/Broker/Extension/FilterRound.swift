/// What filters and histories have to do with the message that is being published.
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

    /// An exchange keeps the message in its history.
    var hasHistory = false

    var isInvolved: Bool { hasFiltered || hasHistory || !passed.isEmpty }

    mutating func reset() {
        passed.removeAll(keepingCapacity: true)
        hasFiltered = false
        hasHistory = false
    }
}
