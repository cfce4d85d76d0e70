/// The page that a log is filling: what an append needs to know, in one place.
struct OpenPage {
    /// Where the next record goes.
    var address: UnsafeMutableRawPointer
    /// How many bytes fit there.
    var room: Int
    /// The number of the page, -1 if none is open.
    let number: Int
    let page: UnsafeMutablePointer<Page>
    let segment: UnsafeMutablePointer<Segment>

    /// No page: nothing fits, so that nothing in it is ever followed.
    static var none: OpenPage {
        OpenPage(
            address: UnsafeMutableRawPointer(bitPattern: 8).unsafelyUnwrapped, room: 0, number: -1,
            page: UnsafeMutablePointer(bitPattern: 8).unsafelyUnwrapped,
            segment: UnsafeMutablePointer(bitPattern: 8).unsafelyUnwrapped)
    }
}
