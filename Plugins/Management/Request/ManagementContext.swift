import Foundation
import Hummingbird
import NIOCore

/// What is known of a request before anybody has logged in.
struct ManagementContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Whether it comes from this machine.
    let isLoopback: Bool
    /// Set by `AuthenticationMiddleware`.
    var user: ManagementUser?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        isLoopback = source.channel.remoteAddress.map { Self.isLoopback($0) } ?? false
    }

    var responseEncoder: JSONEncoder { Self.makeEncoder() }

    /// Fields in the order of their names, so that the same answer is the same text.
    static func makeEncoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    static func isLoopback(_ address: SocketAddress) -> Bool {
        guard let text = address.ipAddress else { return address.pathname != nil }
        return text == "::1" || text.hasPrefix("127.") || text.lowercased().hasPrefix("::ffff:127.")
    }
}
