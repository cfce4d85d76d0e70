import AMQPProtocol

/// The bindings of a headers exchange, found from a message's headers without going through all bindings.
///
/// Each field of a binding is a condition: name and value, or the name alone. Conditions lie in a hash table by the
/// name's number and the value in one normal form. A message's headers give the conditions that it meets. A binding
/// that is content with one condition is listed right there; one that needs several is listed under the one of them
/// with the fewest listings, and then looks whether the others are met.
struct HeadersIndex: ~Copyable {
    private var nameNumbers = ByteTable<UInt32>()
    private var names = Pool<HeaderName>()
    private var conditionNumbers = ByteTable<UInt32>()
    private var conditions = Pool<HeadersCondition>()
    private var bindings = Pool<HeadersBinding>()
    /// Where every message goes: bindings that need all of no conditions.
    private var unconditional = IDList()

    private var routeNumber: UInt64 = 0
    /// Conditions that the message of the current route meets and that have candidates.
    private var met = IDList()
    /// The key that a condition is looked up with.
    private var key = WireBuffer(capacity: 256)

    /// How many bindings the last message made look for their other conditions: the work besides the hash look-ups.
    private(set) var candidateVisitCount = 0

    init() {}

    /// How many different conditions the bindings have.
    var conditionCount: Int { conditions.count }
    /// How many different headers they ask for.
    var nameCount: Int { names.count }
    /// How many bindings need several conditions at once.
    var bindingCount: Int { bindings.count }

    mutating func insert(_ fields: FieldTableView, match: HeadersMatch, destination: UInt32) {
        var wanted: [UInt32] = []
        for (name, value) in fields where match.considers(name) {
            wanted.append(use(name, value))
        }
        if !match.needsAll || wanted.count == 1 {
            for condition in wanted { conditions[condition].pointee.destinations.append(destination) }
            return
        }
        guard let place = wanted.indices.min(by: { candidateCount(wanted[$0]) < candidateCount(wanted[$1]) }) else {
            unconditional.append(destination)
            return
        }
        var binding = HeadersBinding(destination: destination)
        for index in wanted.indices where index != place { binding.others.append(wanted[index]) }
        let number = bindings.insert(binding)
        conditions[wanted[place]].pointee.candidates.append(number)
    }

    /// Removes what was inserted, and the conditions and names that nothing else needs.
    mutating func remove(_ fields: FieldTableView, match: HeadersMatch, destination: UInt32) {
        var wanted: [UInt32] = []
        for (name, value) in fields where match.considers(name) {
            guard let number = nameNumbers.value(for: name), let condition = find(number, value) else {
                preconditionFailure("unbound what was not bound")
            }
            wanted.append(condition)
        }
        var wasBound = true
        if !match.needsAll || wanted.count == 1 {
            for condition in wanted {
                wasBound = conditions[condition].pointee.destinations.remove(destination) && wasBound
            }
        } else if wanted.isEmpty {
            wasBound = unconditional.remove(destination)
        } else {
            wasBound = removeCandidate(of: wanted.sorted(), destination: destination)
        }
        precondition(wasBound, "unbound what was not bound")
        for (name, value) in fields where match.considers(name) { release(name, value) }
    }

    /// Inserts the destinations of all bindings that the headers fit.
    mutating func match(_ headers: FieldTableView?, into collector: inout RouteCollector) {
        unconditional.insert(into: &collector)
        guard let headers, nameNumbers.count > 0 else { return }
        routeNumber += 1
        candidateVisitCount = 0
        met.removeAllKeepingCapacity()
        for (name, value) in headers {
            guard let number = nameNumbers.value(for: name) else { continue }
            let known = names[number]
            guard known.pointee.seenInRoute != routeNumber else { continue }
            known.pointee.seenInRoute = routeNumber
            meet(find(number, nil), into: &collector)
            guard !value.isVoid, value.bytes.count <= known.pointee.valueByteMax else { continue }
            meet(find(number, value), into: &collector)
        }
        for position in 0..<Int(met.count) {
            let condition = conditions[met[position]]
            candidateVisitCount += Int(condition.pointee.candidates.count)
            for position in 0..<Int(condition.pointee.candidates.count) {
                let binding = bindings[condition.pointee.candidates[position]]
                guard areMet(binding) else { continue }
                collector.insert(DestinationID(rawValue: binding.pointee.destination))
            }
        }
    }
}

extension HeadersIndex {
    private mutating func meet(_ condition: UInt32?, into collector: inout RouteCollector) {
        guard let condition else { return }
        let found = conditions[condition]
        found.pointee.metInRoute = routeNumber
        found.pointee.destinations.insert(into: &collector)
        if !found.pointee.candidates.isEmpty { met.append(condition) }
    }

    private func areMet(_ binding: UnsafePointer<HeadersBinding>) -> Bool {
        for position in 0..<Int(binding.pointee.others.count) {
            guard conditions[binding.pointee.others[position]].pointee.metInRoute == routeNumber else { return false }
        }
        return true
    }

    private func candidateCount(_ condition: UInt32) -> UInt32 {
        conditions[condition].pointee.candidates.count
    }

    /// The condition that the header has that value, or is there at all.
    private mutating func find(_ name: UInt32, _ value: FieldValueView?) -> UInt32? {
        writeKey(name, value)
        return conditionNumbers.value(for: key.bytes)
    }

    private mutating func use(_ name: UnsafeRawBufferPointer, _ value: FieldValueView) -> UInt32 {
        let nameNumber = nameNumbers.value(for: name) ?? names.insert(HeaderName())
        nameNumbers.insert(nameNumber, for: name)
        names[nameNumber].pointee.useCount += 1
        if !value.isVoid {
            let name = names[nameNumber]
            name.pointee.valueByteMax = max(name.pointee.valueByteMax, HeaderName.numberByteMax, value.bytes.count)
        }
        let number = find(nameNumber, value) ?? conditions.insert(HeadersCondition())
        conditionNumbers.insert(number, for: key.bytes)
        conditions[number].pointee.useCount += 1
        return number
    }

    private mutating func release(_ name: UnsafeRawBufferPointer, _ value: FieldValueView) {
        guard let nameNumber = nameNumbers.value(for: name), let number = find(nameNumber, value) else {
            preconditionFailure("a condition in use is not there")
        }
        conditions[number].pointee.useCount -= 1
        if conditions[number].pointee.useCount == 0 {
            conditionNumbers.remove(key.bytes)
            conditions.remove(number)
        }
        names[nameNumber].pointee.useCount -= 1
        if names[nameNumber].pointee.useCount == 0 {
            nameNumbers.remove(name)
            names.remove(nameNumber)
        }
    }

    /// Removes a binding with exactly those conditions, which are sorted, wherever it stands.
    private mutating func removeCandidate(of wanted: [UInt32], destination: UInt32) -> Bool {
        for condition in wanted {
            for position in 0..<Int(candidateCount(condition)) {
                let number = conditions[condition].pointee.candidates[position]
                guard bindings[number].pointee.destination == destination else { continue }
                var conditionsOfBinding = [condition]
                for position in 0..<Int(bindings[number].pointee.others.count) {
                    conditionsOfBinding.append(bindings[number].pointee.others[position])
                }
                guard conditionsOfBinding.sorted() == wanted else { continue }
                conditions[condition].pointee.candidates.remove(number)
                bindings.remove(number)
                return true
            }
        }
        return false
    }

    /// Writes the name's number and the value's normal form, in which values that count as equal are the same bytes:
    /// integers of any width, float and double, text and bytes. No value, or void: that the header is there.
    private mutating func writeKey(_ name: UInt32, _ value: FieldValueView?) {
        key.clear()
        key.append(name)
        guard let value, !value.isVoid else { return }
        if let integer = value.integer {
            key.append(UInt8(ascii: "l"))
            key.append(UInt64(bitPattern: integer))
        } else if let number = value.floatingPoint {
            key.append(UInt8(ascii: "d"))
            key.append(number.bitPattern)
        } else if value.type == UInt8(ascii: "t") {
            key.append(value.type)
            key.append(value.bytes[0] == 0 ? 0 : 1 as UInt8)
        } else {
            key.append(value.type == UInt8(ascii: "x") ? UInt8(ascii: "S") : value.type)
            key.append(value.bytes)
        }
    }
}
