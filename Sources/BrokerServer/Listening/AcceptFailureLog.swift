import Logging
import NIOCore

/// Tells when connections cannot be accepted, most often because the process has no file descriptor left.
///
/// Stands behind NIO's `AcceptBackoffHandler`, which waits a second after such an error: that bounds both the work
/// and the lines here.
final class AcceptFailureLog: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.error("connections wait: accepting one failed, next try in a second", metadata: ["error": "\(error)"])
    }
}
