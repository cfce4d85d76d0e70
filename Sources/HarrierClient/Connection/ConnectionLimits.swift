import AMQPProtocol

/// What the handshake has agreed on.
struct ConnectionLimits: Equatable {
    /// The largest frame in bytes, overhead included.
    var frameBytesMax: Int
    /// The highest channel number.
    var channelMax: UInt16
    /// 0 for no heartbeats.
    var heartbeatSeconds: UInt16

    /// The lower of what either side wants, where 0 wants nothing; but heartbeats that this side does not want, it does
    /// not get.
    init(proposed tune: ConnectionTune, configuration: ConnectionConfiguration) {
        let frameBytesMax = max(configuration.frameBytesMax, Frame.minSize)
        self.frameBytesMax = tune.frameMax == 0 ? frameBytesMax : min(frameBytesMax, Int(tune.frameMax))
        let channelMax = configuration.channelMax == 0 ? UInt16.max : configuration.channelMax
        self.channelMax = tune.channelMax == 0 ? channelMax : min(channelMax, tune.channelMax)
        heartbeatSeconds =
            tune.heartbeat == 0 ? configuration.heartbeatSeconds : min(configuration.heartbeatSeconds, tune.heartbeat)
    }
}
