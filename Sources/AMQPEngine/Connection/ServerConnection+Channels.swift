import AMQPProtocol
import Broker

extension ServerConnection {
    /// A frame on a channel number that no open channel has: channel.open, or a mistake.
    func receiveOnClosedChannel(
        _ type: FrameType, _ number: UInt16, _ payload: UnsafeRawBufferPointer
    ) throws(AMQPException) {
        guard type == .method else {
            throw unprovoked(.channelError, "expected 'channel.open'")
        }
        switch try decode(payload) {
        case .channelOpen: try openChannel(number)
        // Both sides closed the channel at once: the client's close has been answered, this answers ours.
        case .channelCloseOk: break
        case let method where method.id.classID == MethodID.connectionStart.classID:
            throw .connection(.commandInvalid, "unimplemented method")
        default: throw .connection(.channelError, "expected 'channel.open'")
        }
    }

    private func openChannel(_ number: UInt16) throws(AMQPException) {
        guard channelMax == 0 || channels.count < Int(channelMax) else {
            throw .connection(
                .notAllowed,
                "number of channels opened (\(channels.count)) has reached the negotiated channel_max (\(channelMax))")
        }
        guard let session else { preconditionFailure("a channel without a session") }
        channels[number] = ServerChannel(number: number, connection: self, session: session)
        send(ChannelOpenOk(), on: number)
    }
}
