/// What a filter may yet do with a message: whatever is in filter and message, it can't hold the core up for long.
struct FilterWork {
    /// Of regular expressions, and of `like`.
    var patternStepsLeft = FilterLimits.patternStepsMax
    /// Of bodies and headers that are searched, and for each value that something is compared with a few.
    var bytesLeft = FilterLimits.workBytesMax

    /// As many as a comparison with a short text takes as long as searching.
    static let bytesPerValue = 8

    /// - Returns: whether there was so much left. What is refused takes nothing: something cheaper may still go.
    mutating func take(bytes: Int) -> Bool {
        guard bytes <= bytesLeft else { return false }
        bytesLeft -= bytes
        return true
    }
}
