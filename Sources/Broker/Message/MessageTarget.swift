/// One queue that a message goes to, and its sequence number there.
struct MessageTarget {
    let queueID: UInt64
    let sequence: UInt64
}
