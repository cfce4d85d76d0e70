import Testing

@testable import Management

/// Names in URLs.
@Suite struct PercentEncodingTests {
    @Test(
        "what is encoded is decoded",
        arguments: [("%2F", "/"), ("a%2fb", "a/b"), ("a+b", "a+b"), ("%C3%A4", "ä"), ("", ""), ("%25", "%")])
    func decoded(text: String, name: String) {
        #expect(PercentEncoding.decode(text, plusIsSpace: false) == name)
    }

    @Test("what is no encoding is refused", arguments: ["%", "%2", "%zz", "%C3", "%FF", "a%2"])
    func refused(text: String) {
        #expect(PercentEncoding.decode(text, plusIsSpace: false) == nil)
    }

    @Test("in queries a plus is a space, and the first of a name counts")
    func queries() throws {
        let query = try Query("a=b+c&a=d&e&f=%26%3D&=x")
        #expect(query["a"] == "b c" && query["e"] == nil && query["f"] == "&=" && query["g"] == nil)
        #expect(throws: APIError.self) { try Query("a=%") }
        #expect(throws: APIError.self) { try Query("n=x").integer("n", in: 1...2) }
        #expect(try Query("n=2").integer("n", in: 1...2) == 2)
    }
}
