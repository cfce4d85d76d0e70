import Foundation
import Testing

/// Imports point down: what each room may know of the others, and of the packages outside. The picture is in
/// Sources/Broker/Broker.docc/Architecture.md. Think hard before adding a line here.
@Suite struct LayeringTests {
    private static let roomsInC: Set<String> = ["CChecksum", "CFileSystem", "CPrefetch"]
    private static let allowed: [String: Set<String>] = [
        "Sources/AMQPProtocol": [],
        "Sources/AMQPCodegen": ["ArgumentParser", "Foundation", "FoundationXML"],
        "Sources/LosslessJSON": [],
        "Sources/Routing": ["AMQPProtocol"],
        "Sources/SeededRandom": [],
        "Sources/SegmentLog": ["CChecksum", "CFileSystem", "CPrefetch", "Dispatch", "Synchronization"],
        "Sources/Definitions": ["AMQPProtocol", "Foundation", "Yams"],
        "Sources/Broker": [
            "AMQPProtocol", "Routing", "SegmentLog", "Definitions", "Crypto", "DequeModule", "FoundationEssentials",
            "HeapModule", "Logging", "_StringProcessing",
        ],
        "Sources/AMQPEngine": ["AMQPProtocol", "Broker", "DequeModule", "Logging", "SegmentLog"],
        "Sources/BrokerServer": [
            "AMQPEngine", "Broker", "Definitions", "Logging", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS",
            "ServiceLifecycle", "Synchronization",
        ],
        "Sources/HarrierClient": [
            "AMQPProtocol", "DequeModule", "Logging", "NIOCore", "NIOPosix", "NIOSSL", "Synchronization",
        ],
        "Sources/HarrierManagement": [
            "AsyncHTTPClient", "Foundation", "LosslessJSON", "NIOCore", "NIOHTTP1", "NIOPosix",
        ],
        "Sources/LoadGenerator": [
            "AMQPProtocol", "HarrierClient", "Histogram", "NIOCore", "NIOPosix", "NIOSSL", "Synchronization",
        ],
        "Plugins/ConsistentHashExchange": ["AMQPProtocol", "Broker", "BrokerServer", "Routing"],
        "Plugins/DelayedMessageExchange": ["AMQPProtocol", "Broker", "BrokerServer", "Routing"],
        "Plugins/MessageDeduplication": [
            "AMQPProtocol", "Broker", "BrokerServer", "Crypto", "DequeModule", "Routing",
        ],
        "Plugins/RandomExchange": ["AMQPProtocol", "Broker", "BrokerServer", "Routing", "SeededRandom"],
        "Plugins/RecentHistoryExchange": ["AMQPProtocol", "Broker", "BrokerServer", "Routing"],
        "Plugins/Management": [
            "AMQPProtocol", "Broker", "BrokerServer", "Foundation", "HTTPTypes", "Hummingbird",
            "HummingbirdCore", "LosslessJSON", "Logging", "NIOCore", "ServiceLifecycle", "Synchronization",
        ],
        "Sources/harrier": [
            "AMQPProtocol", "ArgumentParser", "Broker", "BrokerServer", "ConsistentHashExchange", "Definitions",
            "DelayedMessageExchange", "Foundation", "HarrierClient", "HarrierManagement", "InMemoryLogging",
            "LoadGenerator",
            "Logging", "LosslessJSON", "Management", "MessageDeduplication", "NIOCore", "NIOPosix", "RandomExchange",
            "RecentHistoryExchange", "SegmentLog", "ServiceLifecycle", "Synchronization", "UnixSignals",
        ],
    ]

    /// The C libraries of the platforms, which every room may call.
    private static let platform: Set<String> = ["Glibc", "Musl", "Darwin"]

    @Test("every room imports only what stands below it", arguments: allowed.keys.sorted())
    func importsPointDown(room: String) throws {
        let allowed = try #require(Self.allowed[room]).union(Self.platform)
        for file in try Checkout.swiftFiles(in: room) {
            for module in file.importedModules where !allowed.contains(module) {
                Issue.record("\(file.path) imports \(module), which \(room) must not know")
            }
        }
    }

    @Test("every room is in the table")
    func everyRoomIsCovered() throws {
        for parent in ["Sources", "Plugins"] {
            for name in try Checkout.folders(in: parent) where !Self.roomsInC.contains(name) {
                #expect(Self.allowed["\(parent)/\(name)"] != nil, "\(parent)/\(name) has no line in the layering table")
            }
        }
    }

    @Test("SwiftNIO stays at the sockets")
    func noSocketsInside() throws {
        for room in ["AMQPProtocol", "Routing", "SegmentLog", "Definitions", "Broker", "AMQPEngine"] {
            for file in try Checkout.swiftFiles(in: "Sources/\(room)") {
                #expect(!file.importedModules.contains { $0.hasPrefix("NIO") }, "\(file.path)")
            }
        }
    }
}
