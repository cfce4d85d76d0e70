/// What happens to the pages of a log, in order: what a cache policy is judged by.
struct PageTrace {
    /// A step of the trace, packed: there are millions.
    struct Step {
        enum Kind: UInt64 {
            /// The writer begins the page: it is in memory, and stays there while it is open.
            case open
            /// The page is full and on disk.
            case close
            /// A reader needs the page.
            case access
            /// All messages in the page are settled.
            case remove
        }

        private let bits: UInt64

        init(_ kind: Kind, page: Int) {
            bits = UInt64(page) << 2 | kind.rawValue
        }

        var page: Int { Int(bits >> 2) }

        var kind: Kind {
            guard let kind = Kind(rawValue: bits & 3) else { preconditionFailure("all two bits are taken") }
            return kind
        }
    }

    struct Page {
        let byteCount: Int
        /// Where the log's tail was when the page began.
        let place: UInt64
    }

    private(set) var pages: [Page] = []
    private(set) var steps: [Step] = []

    mutating func open(_ page: Page) -> Int {
        pages.append(page)
        record(.open, page: pages.count - 1)
        return pages.count - 1
    }

    mutating func record(_ kind: Step.Kind, page: Int) {
        steps.append(Step(kind, page: page))
    }
}
