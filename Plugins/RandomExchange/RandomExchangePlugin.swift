import Broker
import BrokerServer

/// The exchange type `x-random`: each message goes to one of the bindings, every one of them as likely as the others.
public struct RandomExchangePlugin: ServerPlugin {
    public static let exchangeType = "x-random"

    private let seed: UInt64?

    /// - Parameter seed: makes every exchange choose the same way again, for tests. By default nobody can tell.
    public init(seed: UInt64? = nil) {
        self.seed = seed
    }

    public var name: String { "random-exchange" }

    public func extend(_ extensions: inout BrokerExtensions) {
        extensions.exchangeTypes.register(Self.exchangeType) { [seed] _, _ in
            RandomRouter(seed: seed ?? .random(in: 0 ... .max))
        }
    }
}
