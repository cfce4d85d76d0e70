import Broker
import HTTPTypes
import LosslessJSON

/// RabbitMQ's paging of listings: `page` (from 1) and `page_size` (100 unless said, 500 at most), and the filter `name`, a
/// part of the name or, with `use_regex=true`, a regular expression; letters of either case are the same to it.
///
/// Expressions are matched in time linear in the name, whatever they are (`BytePattern`), and take a listing `patternStepsMax` steps
/// altogether.
struct Pagination {
    static let pageSizeMax = 500
    private static let pageSizeDefault = 100
    /// Some hundred milliseconds.
    static let patternStepsMax = 50_000_000

    let page: Int
    let pageSize: Int
    private let filter: NameFilter

    private enum NameFilter {
        case everything
        case part(String)
        case pattern(BytePattern)
    }

    /// Nil if the query asks for no page: a listing is whole then.
    ///
    /// - Throws: 400 for what can't be.
    init?(_ query: Query) throws {
        guard let page = try query.integer("page", in: 1...Int(Int32.max)) else { return nil }
        self.page = page
        pageSize = try query.integer("page_size", in: 1...Self.pageSizeMax) ?? Self.pageSizeDefault
        guard let name = query["name"] else {
            filter = .everything
            return
        }
        guard query.boolean("use_regex") else {
            filter = .part(name.lowercased())
            return
        }
        do {
            filter = .pattern(try BytePattern("(?i)" + name))
        } catch {
            throw APIError.badRequest("name: not a regular expression: \(error.message)")
        }
    }

    /// - Parameter stepsLeft: of the listing's expression.
    /// - Throws: 400 for an expression that takes more.
    private func matches(_ name: String, _ stepsLeft: inout Int) throws -> Bool {
        switch filter {
        case .everything: return true
        case .part(let part): return name.lowercased().contains(part)
        case .pattern(let pattern):
            guard let isMatch = pattern.matches(name.utf8, stepsLeft: &stepsLeft) else {
                throw APIError.badRequest(
                    "name: the regular expression takes more than \(Self.patternStepsMax) steps with so many names")
            }
            return isMatch
        }
    }

    /// The page's part of what matches, in its order.
    ///
    /// - Throws: 400, with RabbitMQ's words, for a page behind the last; the first is there even if it is empty. 400 as well for an
    ///   expression that takes too long.
    func slice<Element>(_ elements: [Element], name: (Element) -> String) throws -> PageSlice<Element> {
        var stepsLeft = Self.patternStepsMax
        let matching = try elements.filter { try matches(name($0), &stepsLeft) }
        let first = (page - 1) * pageSize
        guard first < matching.count || page == 1 else {
            throw APIError(
                status: .badRequest, error: "page_out_of_range",
                reason: "Page out of range, page: \(page) page size: \(pageSize), len: \(matching.count)")
        }
        return PageSlice(
            pagination: self, totalCount: elements.count, filteredCount: matching.count,
            items: Array(matching[min(first, matching.count)..<min(first + pageSize, matching.count)]))
    }
}

/// What stands on a page, and how much there is.
struct PageSlice<Element> {
    let pagination: Pagination
    let totalCount: Int
    let filteredCount: Int
    let items: [Element]

    /// RabbitMQ's object around a page.
    func json(_ items: [JSONValue]) -> JSONValue {
        let size = pagination.pageSize
        return [
            "page": JSONValue(pagination.page), "page_size": JSONValue(size),
            "page_count": JSONValue((filteredCount + size - 1) / size), "item_count": JSONValue(items.count),
            "filtered_count": JSONValue(filteredCount), "total_count": JSONValue(totalCount), "items": .array(items),
        ]
    }
}
