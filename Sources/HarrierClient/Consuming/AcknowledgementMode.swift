/// When the broker takes a delivery for done.
public enum AcknowledgementMode: Sendable {
    /// When it is acknowledged or rejected. What is not, goes back to the queue when the channel ends.
    case manual
    /// When it is sent: a delivery that does not arrive, or that nobody works on, is lost.
    case automatic
}
