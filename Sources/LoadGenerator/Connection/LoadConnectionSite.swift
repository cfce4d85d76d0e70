import HarrierClient

/// What a connection is given of the run that it belongs to. On its event loop only.
struct LoadConnectionSite {
    let configuration: ConnectionConfiguration
    let counters: LoadCounters
    let recorders: LoopRecorders
    let board: RunBoard
}
