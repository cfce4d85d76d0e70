// swift-tools-version: 6.2
import PackageDescription

// The rooms of Harrier, lowest first; a target may import only what stands above it here.
// Sources/Broker/Broker.docc/Architecture.md shows the picture, Tests/ArchitectureTests keeps it true.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

extension Target {
    /// A plugin that adds to the broker itself: exchange types, publish filters.
    static func exchangePlugin(_ name: String, dependencies: [Dependency] = []) -> Target {
        .target(
            name: name, dependencies: ["AMQPProtocol", "Broker", "BrokerServer", "Routing"] + dependencies,
            path: "Plugins/\(name)", swiftSettings: strict)
    }
}

let package = Package(
    name: "harrier",
    products: [
        .executable(name: "harrier", targets: ["harrier"]),
        .library(name: "Broker", targets: ["Broker"]),
        .library(name: "BrokerServer", targets: ["BrokerServer"]),
        .library(name: "HarrierClient", targets: ["HarrierClient"]),
        .library(name: "HarrierManagement", targets: ["HarrierManagement"]),
        // For plugins: routers, and the values that they look at.
        .library(name: "AMQPProtocol", targets: ["AMQPProtocol"]),
        .library(name: "Routing", targets: ["Routing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Protocol: frames, generated methods, properties, field tables.
        .target(name: "AMQPProtocol", swiftSettings: strict),
        .executableTarget(
            name: "AMQPCodegen",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            exclude: ["amqp-0-9-1.xml"],
            swiftSettings: strict
        ),

        // Rooms that know nothing of each other.
        .target(name: "CChecksum"),
        .target(name: "LosslessJSON", swiftSettings: strict),
        .target(name: "SeededRandom", swiftSettings: strict),
        .target(name: "CFileSystem"),
        .target(name: "CPrefetch"),
        .target(name: "Routing", dependencies: ["AMQPProtocol"], swiftSettings: strict),
        .target(
            name: "SegmentLog",
            dependencies: ["CChecksum", "CFileSystem", "CPrefetch"],
            swiftSettings: strict
        ),
        .target(name: "Definitions", dependencies: ["AMQPProtocol", "Yams"], swiftSettings: strict),

        // The broker itself: no sockets, clock and disk injected.
        .target(
            name: "Broker",
            dependencies: [
                "AMQPProtocol", "Routing", "SegmentLog", "Definitions",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // The AMQP 0-9-1 server side, sans I/O: bytes in, bytes out.
        .target(
            name: "AMQPEngine",
            dependencies: [
                "AMQPProtocol", "Broker",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "BrokerServer",
            dependencies: [
                "AMQPEngine", "Broker", "Definitions",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "HarrierClient",
            dependencies: [
                "AMQPProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        // The management API's client.
        .target(
            name: "HarrierManagement",
            dependencies: [
                "LosslessJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // The load that `harrier bench` puts on a broker. Speaks the protocol itself: what is measured is the broker.
        .target(
            name: "LoadGenerator",
            dependencies: [
                "AMQPProtocol", "HarrierClient",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),

        // Plugins: optional, on the public plugin API alone.
        .target(
            name: "Management",
            dependencies: [
                "AMQPProtocol", "Broker", "BrokerServer", "LosslessJSON",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Plugins/Management",
            swiftSettings: strict
        ),

        .exchangePlugin("ConsistentHashExchange"),
        .exchangePlugin("DelayedMessageExchange"),
        .exchangePlugin(
            "MessageDeduplication",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
            ]),
        .exchangePlugin("RandomExchange", dependencies: ["SeededRandom"]),
        .exchangePlugin("RecentHistoryExchange"),

        .executableTarget(
            name: "harrier",
            dependencies: [
                "AMQPProtocol", "Broker", "BrokerServer", "ConsistentHashExchange", "Definitions",
                "DelayedMessageExchange", "HarrierClient", "HarrierManagement", "LoadGenerator", "LosslessJSON",
                "Management", "MessageDeduplication", "RandomExchange", "RecentHistoryExchange", "SegmentLog",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // What test targets share.
        .target(
            name: "TestSeeds", dependencies: ["SeededRandom"], path: "Tests/Support/TestSeeds", swiftSettings: strict),
        .target(
            name: "TestServers",
            dependencies: ["Broker", "BrokerServer", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Support/TestServers", swiftSettings: strict),
        .target(name: "CommandRuns", path: "Tests/Support/CommandRuns", swiftSettings: strict),
        .testTarget(
            name: "AMQPProtocolTests", dependencies: ["SeededRandom", "TestSeeds", "CommandRuns", "AMQPProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "RoutingTests", dependencies: ["SeededRandom", "TestSeeds", "Routing"], swiftSettings: strict),
        .testTarget(
            name: "LosslessJSONTests", dependencies: ["SeededRandom", "TestSeeds", "LosslessJSON"],
            swiftSettings: strict),
        .testTarget(
            name: "SegmentLogTests", dependencies: ["SeededRandom", "CChecksum", "SegmentLog"], swiftSettings: strict),
        .testTarget(
            name: "DefinitionsTests", dependencies: ["SeededRandom", "TestSeeds", "AMQPProtocol", "Definitions"],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "SeededRandom", "TestSeeds",
                "AMQPProtocol", "Broker", "Routing", "SegmentLog", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AMQPEngineTests",
            dependencies: [
                "SeededRandom", "TestSeeds",
                "AMQPEngine", "AMQPProtocol", "Broker", "SegmentLog",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BrokerServerTests",
            dependencies: [
                "SeededRandom", "CommandRuns", "TestServers",
                "AMQPEngine", "AMQPProtocol", "Broker", "BrokerServer", "Definitions", "HarrierClient", "Management",
                "SegmentLog", "harrier",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExchangePluginTests",
            dependencies: [
                "SeededRandom",
                "AMQPProtocol", "Broker", "BrokerServer", "ConsistentHashExchange", "DelayedMessageExchange",
                "MessageDeduplication", "RandomExchange", "Routing", "SegmentLog",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HarrierClientTests",
            dependencies: [
                "SeededRandom",
                "AMQPProtocol", "HarrierClient",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "LoadGeneratorTests",
            dependencies: [
                "SeededRandom", "TestSeeds", "TestServers", "AMQPProtocol", "Broker", "BrokerServer", "LoadGenerator",
                "harrier",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ManagementTests",
            dependencies: [
                "AMQPProtocol", "Broker", "BrokerServer", "CommandRuns", "Definitions", "HarrierClient",
                "HarrierManagement", "LosslessJSON",
                "Management",
                "TestServers", "harrier",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MessageCommandTests",
            dependencies: [
                "AMQPProtocol", "harrier", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // What the page cache keeps, against LRU and plain 2Q: `swift run -c release PageCacheTraces`.
        .executableTarget(
            name: "PageCacheTraces", dependencies: ["SeededRandom", "SegmentLog"],
            path: "Tests/Benchmarks/PageCacheTraces",
            swiftSettings: strict),

        // What a message takes on its way, in instructions and allocations, without sockets (`.ci/hotpath`).
        .target(name: "CAllocationCount", path: "Tests/Support/CAllocationCount"),
        .executableTarget(
            name: "HotPath",
            dependencies: [
                "AMQPEngine", "AMQPProtocol", "Broker", "CAllocationCount", "SegmentLog",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Benchmarks/HotPath", exclude: ["instructions.json"], swiftSettings: strict),

        // Suites over all rooms: the protocol over sockets, crashes of real processes, the README, the layering.
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "AMQPProtocol", "Broker", "BrokerServer", "ConsistentHashExchange", "Definitions",
                "DelayedMessageExchange", "MessageDeduplication", "RandomExchange", "RecentHistoryExchange",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CrashTests",
            dependencies: ["SeededRandom", "TestSeeds", "AMQPProtocol", "CommandRuns", "TestServers", "harrier"],
            swiftSettings: strict),
        .testTarget(
            name: "ReadmeTests", dependencies: ["AMQPProtocol", "Broker", "BrokerServer", "HarrierClient"],
            swiftSettings: strict),
        .testTarget(
            name: "PluginArticleTests",
            dependencies: [
                "AMQPProtocol", "Broker", "BrokerServer", "Routing", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", dependencies: ["CommandRuns"], swiftSettings: strict),
    ]
)
