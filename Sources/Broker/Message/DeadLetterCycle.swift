/// A way on which dead letters come back to where they have been.
struct DeadLetterCycle: Hashable {
    let sourceID: UInt64
    let targetID: UInt64
}
