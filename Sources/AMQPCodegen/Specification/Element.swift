import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An element of an XML document that remembers its line, which is all that error messages need.
struct Element {
    let name: String
    let line: Int
    var attributes: [String: String]
    var children: [Element] = []
    /// The text directly inside, with runs of white space made single spaces.
    var text = ""

    /// The document's root.
    static func parse(_ document: Data) throws(SpecificationError) -> Element {
        let parser = XMLParser(data: document)
        let builder = TreeBuilder()
        parser.delegate = builder
        guard parser.parse(), let root = builder.root else {
            let reason = parser.parserError.map { "\($0.localizedDescription)" } ?? "empty document"
            throw SpecificationError(line: parser.lineNumber, message: "not well-formed XML: \(reason)")
        }
        return root
    }

    /// Takes an attribute out, so that `finish` can tell the unknown ones.
    mutating func take(_ attribute: String) throws(SpecificationError) -> String {
        guard let value = takeOptional(attribute) else { throw error("<\(name)> lacks '\(attribute)'") }
        return value
    }

    mutating func takeOptional(_ attribute: String) -> String? {
        attributes.removeValue(forKey: attribute)
    }

    /// A name that a Swift name can be made from.
    mutating func takeName() throws(SpecificationError) -> String {
        let text = try take("name")
        guard text.wholeMatch(of: /[A-Za-z][A-Za-z0-9]*([_-][A-Za-z0-9]+)*/) != nil else {
            throw error("'\(text)' is no name: words of letters and digits, with '-' or '_' between")
        }
        return text
    }

    mutating func takeID(_ attribute: String) throws(SpecificationError) -> UInt16 {
        let text = try take(attribute)
        guard let value = UInt16(text) else { throw error("'\(attribute)' is not a number of 16 bits: '\(text)'") }
        return value
    }

    /// `yes`, or absent.
    mutating func takeMark(_ attribute: String) throws(SpecificationError) -> Bool {
        guard let text = takeOptional(attribute) else { return false }
        guard text == "yes" else { throw error("'\(attribute)' is 'yes' or left out, not '\(text)'") }
        return true
    }

    /// Whatever has not been taken is a mistake.
    func finish() throws(SpecificationError) {
        if let unknown = attributes.keys.min() { throw error("<\(name)> has no attribute '\(unknown)'") }
    }

    func error(_ message: String) -> SpecificationError {
        SpecificationError(line: line, message: message)
    }
}

/// Collects what the parser reports; lives for one parse.
private final class TreeBuilder: NSObject, XMLParserDelegate {
    private(set) var root: Element?
    private var open: [Element] = []

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?,
        attributes attributeDict: [String: String]
    ) {
        open.append(Element(name: elementName, line: parser.lineNumber, attributes: attributeDict))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard !open.isEmpty else { return }
        open[open.count - 1].text += string
    }

    func parser(
        _ parser: XMLParser,
        didEndElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?
    ) {
        guard var closed = open.popLast() else { return }
        closed.text = closed.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if open.isEmpty {
            root = closed
        } else {
            open[open.count - 1].children.append(closed)
        }
    }
}
