/// How pages look.
enum StyleSheet {
  /// The style sheet.
  static let text = """
    :root{color-scheme:light dark;\(Palette.light.properties)}
    @media (prefers-color-scheme:dark){:root{\(Palette.dark.properties)}}
    \(page)
    \(contents)
    \(figures)
    \(tables)
    @media print{:root{color-scheme:light;\(Palette.print.properties)}}
    \(paper)
    """

  private static let page = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0 auto;padding:2.5rem 1rem 4rem;max-width:752px;background:var(--surface);
    color:var(--ink);font:1rem/1.6 \(SVGWriter.fonts);overflow-wrap:break-word}
    h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.01em;margin:0;text-wrap:balance;
    overflow-wrap:anywhere}
    h2{font-size:1.25rem;line-height:1.3;margin:0 0 .75rem;overflow-wrap:anywhere}
    p{margin:0 0 1rem;max-width:68ch}
    .lead{margin:.75rem 0 0;font-size:1.0625rem;color:var(--muted)}
    a{color:var(--accent);text-underline-offset:.2em}
    a:hover{text-decoration-thickness:2px}
    :focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:2px}
    .skip{position:absolute;left:-100vw}
    .skip:focus{left:1rem;top:.5rem;background:var(--surface);padding:.25rem .5rem}
    section{margin-top:3rem;padding-top:1.5rem;border-top:1px solid var(--grid)}
    main section:first-child{border-top:0;padding-top:0;margin-top:2.25rem}
    .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));
    gap:1px;margin:1.75rem 0 0;border:1px solid var(--grid);
    border-radius:6px;overflow:hidden}
    .facts div{padding:.625rem .875rem;box-shadow:0 0 0 1px var(--grid)}
    .facts .long{grid-column:1/-1}
    dt{font-size:.8125rem;line-height:1.4;color:var(--muted)}
    dd{margin:.125rem 0 0;font-weight:600;line-height:1.35;font-variant-numeric:tabular-nums;
    overflow-wrap:anywhere}
    """

  private static let contents = """
    nav{margin-top:2rem;font-size:.9375rem}
    nav h2{font-size:.8125rem;font-weight:600;color:var(--muted);margin:0 0 .5rem}
    nav ol{margin:0;padding:0;list-style:none}
    nav a{display:block;padding:.25rem 0;color:inherit;text-decoration:none;
    overflow-wrap:anywhere}
    nav a:hover{color:var(--accent);text-decoration:underline}
    @media (min-width:1080px){
    body:has(nav){max-width:1440px;padding-inline:2rem;display:grid;
    grid-template-columns:13rem minmax(0,1fr);column-gap:3rem}
    body:has(nav) header,body:has(nav) main{grid-column:2;min-width:0}
    body:has(nav) .facts,body:has(nav) .drawing{max-width:720px}
    nav{grid-column:1;grid-row:1/span 2;position:sticky;top:2.5rem;align-self:start;margin:0;
    max-height:calc(100vh - 5rem);overflow-y:auto;line-height:1.4}
    nav a{padding:.3rem 0}}
    """

  private static let figures = """
    figure{margin:1.75rem 0}
    figcaption{margin-top:.75rem;font-size:.9375rem;line-height:1.5;color:var(--muted);
    max-width:72ch}
    figcaption b{color:var(--ink);font-weight:600}
    .tabular figcaption{margin:0 0 .5rem}
    .drawing svg{display:block;width:100%;max-width:var(--width);height:auto}
    .narrow svg{max-width:calc(1.2*var(--width))}
    .scroll{overflow-x:auto;overscroll-behavior-x:contain}
    .scroll.drawing{padding-bottom:.5rem}
    .scroll.drawing svg{width:var(--width);max-width:none}
    .wide{display:none}
    @media (min-width:752px){.wide{display:block}.narrow{display:none}}
    details{margin-top:.5rem;font-size:.9375rem}
    summary{cursor:pointer;color:var(--accent);padding:.25rem 0;width:fit-content}
    details[open] summary{margin-bottom:.5rem}
    """

  private static let tables = """
    .rows{max-height:28rem;overflow:auto;border:1px solid var(--grid);border-radius:6px;
    width:max-content;min-width:min(100%,720px);max-width:100%}
    .compared{margin-top:1.75rem}
    .compared .rows{max-height:none}
    table{border-collapse:separate;border-spacing:0;width:100%;font-size:.875rem;
    line-height:1.4;font-variant-numeric:tabular-nums}
    th,td{text-align:left;padding:.375rem .75rem;white-space:nowrap;font-weight:400;
    vertical-align:top}
    thead th{white-space:normal}
    .l{white-space:normal;overflow-wrap:anywhere;min-width:10rem}
    tr+tr>*{border-top:1px solid var(--grid)}
    thead th{position:sticky;top:0;background:var(--raised);font-weight:600;
    border-bottom:1px solid var(--grid)}
    .n{text-align:right}
    tbody tr:hover>*{background:var(--raised)}
    @media screen and (min-width:752px){
    body:not(:has(nav)) .rows{max-width:min(50vw + 344px,1100px)}}
    @media screen and (max-width:751px){
    .stack{max-height:36rem}
    .stack table,.stack tbody{display:block}
    .stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .stack tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));
    gap:.375rem 1rem;padding:.625rem .75rem}
    .stack tr+tr{border-top:1px solid var(--grid)}
    .stack th,.stack td{display:block;border:0;padding:0;min-width:0;white-space:normal;
    text-align:left;overflow-wrap:anywhere}
    .stack tr+tr>*{border:0}
    .stack tbody th,.stack .l{grid-column:1/-1}
    .stack tbody th,.stack tbody th code{font-weight:600}
    .stack th[data-column]::before{content:attr(data-column) " ";font-weight:400;color:var(--muted)}
    .stack td::before{content:attr(data-column);display:block;font-size:.75rem;
    color:var(--muted)}
    .stack td:empty::after{content:"–"}}
    code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
    """

  private static let paper = """
    @media print{
    @page{margin:16mm}
    body,body:has(nav){display:block;max-width:none;padding:0;font-size:10.5pt}
    nav,.skip,details{display:none}
    .wide{display:block}
    .narrow{display:none}
    svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .drawing svg,.scroll.drawing svg{width:auto;max-width:88%;max-height:200mm}
    .scroll,.rows{overflow:visible;max-height:none}
    .rows{width:auto;max-width:none}
    figure{margin:1rem 0}
    figure,.facts{break-inside:avoid}
    .tabular{break-inside:auto}
    h2,.tabular figcaption{break-after:avoid}
    tr{break-inside:avoid}
    section{margin-top:1.5rem}
    table{font-size:8.5pt}
    th,td{white-space:normal;overflow-wrap:anywhere;padding:1.5pt 6pt}
    thead th{position:static}
    }
    """
}
