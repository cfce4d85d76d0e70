/// Which filters are asked about a message.
enum FilterScope {
    /// Of a message that is published.
    case all
    /// All but the first exchange's, which was asked when the message was published: its time has come now.
    case behindExchange
    /// Of a message that has been in a queue and is moved.
    case none
}
