import SegmentLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Replays traces of page accesses against three policies, and prints the share of accesses that find their page in
/// memory.
///
///     swift run -c release PageCacheTraces [--seed N]
///
/// Exit status 1 says that LRU or 2Q does better somewhere, as far as the table shows.
@main
enum PageCacheTraces {
    private static let cacheMebibytes = [16, 64, 256]

    static func main() {
        let arguments = CommandLine.arguments
        var seed: UInt64 = 1
        if arguments.count > 1 {
            guard arguments.count == 3, arguments[1] == "--seed", let number = UInt64(arguments[2]) else {
                print("usage: PageCacheTraces [--seed N]")
                exit(2)
            }
            seed = number
        }
        print("| trace | cache | LRU | 2Q | Harrier |")
        print("|---|---:|---:|---:|---:|")
        var isBestEverywhere = true
        for (name, make) in TraceCatalog.all {
            let trace = make(seed)
            for mebibytes in cacheMebibytes {
                let byteCount = mebibytes << 20
                let lru = perMille(Replay<LeastRecentlyUsed>.hitRatio(of: trace, byteCountMax: byteCount))
                let twoQueues = perMille(Replay<TwoQueues>.hitRatio(of: trace, byteCountMax: byteCount))
                let ours = perMille(Replay<PageCachePolicy>.hitRatio(of: trace, byteCountMax: byteCount))
                print(
                    "| \(name) | \(mebibytes) MiB | \(percent(lru)) | \(percent(twoQueues)) | \(percent(ours)) |")
                isBestEverywhere = isBestEverywhere && ours >= max(lru, twoQueues)
            }
        }
        exit(isBestEverywhere ? 0 : 1)
    }

    private static func perMille(_ ratio: Double) -> Int { Int((ratio * 1000).rounded()) }

    private static func percent(_ perMille: Int) -> String { "\(perMille / 10).\(perMille % 10) %" }
}
