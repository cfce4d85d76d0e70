/// Where a frame of the page cache is.
enum PageCacheHome: UInt8 {
    /// In no list: it waits to be used again.
    case free
    /// In A1in, which is ordered by admission.
    case recent
    /// In Am, which is ordered by use.
    case frequent
}
