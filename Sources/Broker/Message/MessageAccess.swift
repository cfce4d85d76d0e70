/// What is to be had of a message right now.
enum MessageAccess {
    /// Valid until the next call that may release messages.
    case here(MessageView)
    /// Its page is not in memory; `MessageStore.fetch` brings it.
    case away
    /// Its record is damaged on disk, which the log has reported: the message is gone.
    case lost
}
