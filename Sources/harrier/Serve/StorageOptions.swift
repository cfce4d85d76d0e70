import ArgumentParser
import Broker

/// How the broker keeps messages on disk and in memory.
struct StorageOptions: ParsableArguments {
    @Option(help: "Memory for the pages of the log and of the queues' indexes; 16MiB at least.")
    var pageCache = ByteSize(bytes: 256 << 20)

    @Option(
        help: ArgumentHelp(
            "When a confirm may be sent.",
            discussion: """
                sync: when the message is synced to the disk. interval: when the operating system has it, with a sync each \
                second. none: when the operating system has it.
                """
        )
    )
    var sync = SyncOption.sync

    @Option(
        help: ArgumentHelp(
            "Size of the log's files, a power of two from 1MiB to 1GiB.",
            discussion: "A data folder keeps the size that it was made with."))
    var segmentSize = ByteSize(bytes: 64 << 20)

    @Option(help: "With less free space than this on the data folder's disk, publishers are blocked.")
    var diskFreeLimit = ByteSize(bytes: 256 << 20)

    func validate() throws {
        guard pageCache.bytes >= 16 << 20 else { throw ValidationError("--page-cache is at least 16MiB") }
        guard segmentSize.bytes.nonzeroBitCount == 1, (1 << 20...1 << 30).contains(segmentSize.bytes) else {
            throw ValidationError("--segment-size is a power of two from 1MiB to 1GiB")
        }
    }

    func apply(to configuration: inout BrokerConfiguration) {
        configuration.pageCacheBytes = pageCache.bytes
        configuration.sync = sync.policy
        configuration.segmentBytes = segmentSize.bytes
        configuration.checkpointIntervalBytes = segmentSize.bytes
        configuration.diskFreeBytesMin = diskFreeLimit.bytes
    }
}
