/// Counts of one connection, or of several added up.
struct LoadTotals: Equatable, Sendable {
    var published = 0
    var publishedBytes = 0
    var confirmed = 0
    var nacked = 0
    var returned = 0
    var delivered = 0
    var deliveredBytes = 0
    var foreign = 0
    var blocked = 0

    // What the event loop tells only at the end.
    var redelivered = 0
    var orderErrors = 0
    /// How far a producer fell behind its schedule at worst.
    var lateNanosecondsMax: UInt64 = 0
    /// When the last confirm came or, without confirms, the broker had dealt with all; 0 if nothing was published.
    var publishEnd: UInt64 = 0
    /// When the last delivery came; 0 if none did.
    var deliveryEnd: UInt64 = 0

    mutating func add(_ other: LoadTotals) {
        published += other.published
        publishedBytes += other.publishedBytes
        confirmed += other.confirmed
        nacked += other.nacked
        returned += other.returned
        delivered += other.delivered
        deliveredBytes += other.deliveredBytes
        foreign += other.foreign
        blocked += other.blocked
        redelivered += other.redelivered
        orderErrors += other.orderErrors
        lateNanosecondsMax = max(lateNanosecondsMax, other.lateNanosecondsMax)
        publishEnd = max(publishEnd, other.publishEnd)
        deliveryEnd = max(deliveryEnd, other.deliveryEnd)
    }
}
