#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a process has used so far.
struct ProcessUsage: Sendable {
    /// User and system time of all its threads.
    var processorSeconds: Double
    var residentMebibytes = 0.0
    var anonymousMebibytes = 0.0
    /// The most that was ever resident.
    var peakMebibytes = 0.0

    /// Another process of this machine, from /proc; `nil` if there is none of that number, or no /proc.
    static func read(processID: Int32) -> ProcessUsage? {
        guard let stat = text(ofFile: "/proc/\(processID)/stat"),
            let status = text(ofFile: "/proc/\(processID)/status"),
            // The command's name stands in brackets, and may itself hold brackets and spaces.
            let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[nameEnd...].split(separator: " ")
        // Behind the name: the state is field 1, utime 12, stime 13.
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessUsage(
            processorSeconds: (user + system) / ticksPerSecond,
            residentMebibytes: mebibytes("VmRSS:", in: status), anonymousMebibytes: mebibytes("RssAnon:", in: status),
            peakMebibytes: mebibytes("VmHWM:", in: status))
    }

    /// Processor time of this process.
    static func ownProcessorSeconds() -> Double { processorSeconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// Processor time of the thread that asks.
    static func threadProcessorSeconds() -> Double { processorSeconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func processorSeconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func mebibytes(_ name: String, in status: String) -> Double {
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.count > 1, let kibibytes = Double(words[1]) { return kibibytes / 1024 }
        }
        return 0
    }

    private static func text(ofFile path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
