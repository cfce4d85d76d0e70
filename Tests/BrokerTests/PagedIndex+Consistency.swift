@testable import SegmentLog

extension PagedIndex {
    /// What contradicts itself in what the index knows of its pages; nil if nothing does.
    var contradiction: String? {
        var live = 0
        var ready = 0
        var firstReadyFound: Int?
        for index in pages.first..<pages.end {
            guard let page = pages[index].pointee?.pointee else { continue }
            var pageLive = 0
            var pageReady = 0
            for offset in 0..<IndexPage.entryCount where page.isLive(offset) {
                pageLive += 1
                guard !page.isOut(offset) else { continue }
                pageReady += 1
                if firstReadyFound == nil { firstReadyFound = index << Self.shift | offset }
            }
            if pageLive != Int(page.liveCount) { return "page \(index): \(pageLive) live, \(page.liveCount) counted" }
            if pageReady != Int(page.readyCount) {
                return "page \(index): \(pageReady) ready, \(page.readyCount) counted"
            }
            live += pageLive
            ready += pageReady
        }
        if live != liveCount { return "\(live) live, \(liveCount) counted" }
        if ready != readyCount { return "\(ready) ready, \(readyCount) counted" }
        if let firstReadyFound, cursor > firstReadyFound { return "cursor \(cursor) behind \(firstReadyFound)" }
        return nil
    }
}
