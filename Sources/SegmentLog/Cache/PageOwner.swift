/// Whoever has pages in the page cache. Asked when memory is short, never on the way of a message.
protocol PageOwner: AnyObject {
    /// Whether the page could leave memory, perhaps after it has been written somewhere. Called often: O(1).
    func canEvict(_ key: PageKey) -> Bool
    /// Takes the page out of memory, if that can be done at once. Otherwise begins to write it, so that it can be done
    /// later; until that is over, `canEvict` says no.
    ///
    /// - Returns: whether the memory has been given back.
    func evict(_ key: PageKey) -> Bool
}

/// Somebody who needs a page that is not in memory.
public protocol PageWaiter: AnyObject {
    /// The page is there, or turned out to be unreadable; asking for it again tells. It stays for this burst.
    func pageArrived()
}
