@testable import Definitions

extension SourceNode {
    /// How many values there are, the node itself included.
    var nodeCount: Int {
        1 + items.reduce(0) { $0 + $1.nodeCount } + members.reduce(0) { $0 + $1.value.nodeCount }
    }

    /// Changes the value that comes at that place when all values are counted from the outside in.
    mutating func mutate(at place: Int, _ change: (inout SourceNode) -> Void) {
        guard place > 0 else { return change(&self) }
        var remaining = place - 1
        switch content {
        case .list(var items):
            for index in items.indices {
                let count = items[index].nodeCount
                if remaining < count {
                    items[index].mutate(at: remaining, change)
                    content = .list(items)
                    return
                }
                remaining -= count
            }
        case .table(var members):
            for index in members.indices {
                let count = members[index].value.nodeCount
                if remaining < count {
                    members[index].value.mutate(at: remaining, change)
                    content = .table(members)
                    return
                }
                remaining -= count
            }
        default:
            break
        }
    }
}
