import Foundation

/// librsvg and cairo, as far as they are needed.
package struct SVGRenderer {
  /// The names of the libraries.
  package struct Names {
    package var rsvg = "librsvg-2.so.2"
    package var cairo = "libcairo.so.2"
    package var gobject = "libgobject-2.0.so.0"

    package init() {}
  }

  private typealias Pointer = UnsafeMutableRawPointer
  private typealias Release = @convention(c) (Pointer?) -> Void
  private typealias Status = @convention(c) (Pointer?) -> CInt
  private typealias Receiver =
    @convention(c) (Pointer?, UnsafePointer<UInt8>?, CUnsignedInt) ->
    CInt

  private let readDocument:
    @convention(c) (UnsafePointer<UInt8>, CUnsignedLong, UnsafeMutablePointer<Pointer?>?) ->
      Pointer?
  private let renderDocument:
    @convention(c) (Pointer?, Pointer?, UnsafePointer<Double>, UnsafeMutablePointer<Pointer?>?) ->
      CInt
  private let makeSurface: @convention(c) (CInt, CInt, CInt) -> Pointer?
  private let makeContext: @convention(c) (Pointer?) -> Pointer?
  private let surfaceStatus: Status
  private let writePNG: @convention(c) (Pointer?, Receiver, Pointer?) -> CInt
  private let releaseContext: Release
  private let releaseSurface: Release
  private let releaseObject: Release

  /// Loads the libraries.
  package init(_ names: Names = Names()) throws(DrawingError) {
    let rsvg = try DynamicLibrary(names.rsvg)
    let cairo = try DynamicLibrary(names.cairo)
    let gobject = try DynamicLibrary(names.gobject)
    readDocument = try rsvg.function(
      "rsvg_handle_new_from_data",
      as: (@convention(c) (
        UnsafePointer<UInt8>, CUnsignedLong, UnsafeMutablePointer<Pointer?>?
      ) -> Pointer?).self)
    renderDocument = try rsvg.function(
      "rsvg_handle_render_document",
      as: (@convention(c) (
        Pointer?, Pointer?, UnsafePointer<Double>, UnsafeMutablePointer<Pointer?>?
      ) -> CInt).self)
    makeSurface = try cairo.function(
      "cairo_image_surface_create",
      as: (@convention(c) (CInt, CInt, CInt) -> Pointer?).self)
    makeContext = try cairo.function(
      "cairo_create", as: (@convention(c) (Pointer?) -> Pointer?).self)
    surfaceStatus = try cairo.function("cairo_surface_status", as: Status.self)
    writePNG = try cairo.function(
      "cairo_surface_write_to_png_stream",
      as: (@convention(c) (Pointer?, Receiver, Pointer?) -> CInt).self)
    releaseContext = try cairo.function("cairo_destroy", as: Release.self)
    releaseSurface = try cairo.function("cairo_surface_destroy", as: Release.self)
    releaseObject = try gobject.function("g_object_unref", as: Release.self)
  }

  /// Draws a document over the whole of an image.
  func png(_ svg: String, width: Int, height: Int) throws(DrawingError) -> Data {
    let document = Array(svg.utf8)
    guard let handle = readDocument(document, CUnsignedLong(document.count), nil) else {
      throw .failed("it did not read the SVG")
    }
    defer { releaseObject(handle) }
    // CAIRO_FORMAT_ARGB32.
    let surface = makeSurface(0, CInt(width), CInt(height))
    defer { releaseSurface(surface) }
    guard surfaceStatus(surface) == 0 else {
      throw .failed("there is no memory for \(width) by \(height) pixels")
    }
    let context = makeContext(surface)
    defer { releaseContext(context) }
    // An RsvgRectangle: x, y, width, height.
    guard renderDocument(handle, context, [0, 0, Double(width), Double(height)], nil) != 0 else {
      throw .failed("it did not render the SVG")
    }
    return try encoded(surface)
  }

  private func encoded(_ surface: UnsafeMutableRawPointer?) throws(DrawingError) -> Data {
    var bytes = Data()
    let status = withUnsafeMutablePointer(to: &bytes) { target in
      writePNG(
        surface,
        { target, source, count in
          if let target, let source {
            target.assumingMemoryBound(to: Data.self).pointee.append(source, count: Int(count))
          }
          return 0
        }, target)
    }
    guard status == 0 else { throw .failed("cairo gave the status \(status)") }
    return bytes
  }
}
