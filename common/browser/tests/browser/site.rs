//! A site with a page for each thing that people do, on a port of its own.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response, Sse, sse::Event},
    routing::{get, post},
};
use futures::{StreamExt as _, stream};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

pub(crate) struct Site {
    address: SocketAddr,
    serving: JoinHandle<()>,
    released: Arc<Notify>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let released = Arc::new(Notify::new());
        let held = Arc::clone(&released);
        let router = Router::new()
            .route("/form", get(form))
            .route("/told", post(told))
            .route("/slow", get(slow))
            .route("/cookies/{name}", get(give_cookie))
            .route("/cookies", get(cookies))
            .route("/compressed", get(compressed))
            .route("/strict", get(strict))
            .route("/icon", get(icon))
            .route("/stream", get(stream_hello))
            .route("/held", get(move || async move { held.notified().await }))
            .route("/{page}", get(page));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, serving, released }
    }

    /// Lets the one who waits for `/held` have it.
    pub(crate) fn release(&self) {
        self.released.notify_one();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn whole(title: &str, head: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>
        <meta name=viewport content='width=device-width, initial-scale=1'>
        <meta name=description content='A page to be tested with'>
        <link rel=icon href=/icon>{head}</head><body><main>{body}</main></body></html>"
    ))
}

async fn page(Path(page): Path<String>) -> Response {
    let (head, body) = match page.as_str() {
        "plain" => (
            "",
            "<h1>Tickets</h1><p>Two   for
            Saturday.</p><p hidden>Nobody reads this.</p><a href=/slow>The next page</a>",
        ),
        "scripted" => (
            "",
            "<h1>Scripts</h1><p id=state>Without scripts</p><button id=more type=button>More</button>
            <script>document.querySelector('#state').textContent = 'With scripts';
            document.querySelector('#more').onclick = async () => {
                await fetch('/held');
                document.querySelector('#state').textContent = 'And more'; }</script>",
        ),
        "streaming" => (
            "",
            "<h1>Streaming</h1><p id=state>Silent</p><script>
            new EventSource('/stream').onmessage = event => {
                document.querySelector('#state').textContent = 'It says: ' + event.data; }</script>",
        ),
        "coloured" => (
            "<style>p { display: none }
            @media (prefers-color-scheme: dark) { .dark { display: block } }
            @media (prefers-color-scheme: light) { .light { display: block } }
            @media (prefers-reduced-motion: reduce) { .still { display: block } }
            @media (max-width: 400px) { .narrow { display: block } }
            .wide { width: 100%; height: 3000px }</style>",
            "<h1>Colours</h1><p class=dark>It is dark</p><p class=light>It is light</p>
            <p class=still>It stands still</p><p class=narrow>It is narrow</p><div class=wide></div>",
        ),
        "twice" => (
            "",
            "<h1>Twice</h1><section id=one><button>Buy</button></section><section id=two><p>Second</p>
            <a href=/plain>Buy this</a><button disabled>Sell</button><button>Buy</button></section>
            <div style='position: relative'><button>Under</button>
            <div style='position: absolute; inset: 0' id=over></div></div>",
        ),
        "broken" => (
            "<script>console.error('said', 'so')</script><script>throw new Error('thrown')</script>
            <script>fetch('/missing')</script>",
            "<h1>Broken</h1>",
        ),
        "unfair" => ("", "<h1>Unfair</h1><img src=/icon><p style='color: #ccc'>Grey</p><input>"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    whole(&page, head, body).into_response()
}

async fn form() -> Html<String> {
    whole(
        "A form",
        "",
        "<h1>Sell</h1><form method=post action=/told>
        <p><label>Name of the <em>event</em> <input name=title value=before></label></p>
        <p><label for=date>Day</label> <input id=date name=date type=datetime-local></p>
        <p><label>Price <input name=price type=number></label></p>
        <p><input aria-label=Secret name=secret type=password></p>
        <p><label>Notes <textarea name=notes></textarea></label></p>
        <p><label>Kind <select name=kind><option value=c>Concert<option value=t>Theatre play</select></label></p>
        <fieldset><legend>Pay by</legend><label><input type=radio name=pay value=card>Card</label>
        <label><input type=radio name=pay value=bank>Bank</label></fieldset>
        <p><label><input type=checkbox name=agree value=yes>I agree</label></p>
        <button>Offer it</button></form>",
    )
}

async fn told(Form(fields): Form<Vec<(String, String)>>) -> Redirect {
    let told: Vec<_> = fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let told: String = told.join(" ").bytes().map(|byte| format!("%{byte:02x}")).collect();
    Redirect::to(&format!("/slow?{told}"))
}

/// Long enough that who does not wait for it reads the page before.
async fn slow(query: axum::extract::RawQuery) -> Html<String> {
    tokio::time::sleep(Duration::from_millis(400)).await;
    let query = query.0.unwrap_or_default();
    let bytes = query.split('%').skip(1).map(|byte| u8::from_str_radix(byte, 16).unwrap());
    let told = String::from_utf8(bytes.collect()).unwrap();
    whole("Slow", "", &format!("<h1>Arrived</h1><p>Told: {told}</p>"))
}

async fn give_cookie(Path(name): Path<String>) -> impl IntoResponse {
    let cookie = format!("who={name}; HttpOnly; SameSite=Lax; Path=/");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/cookies"))
}

async fn cookies(headers: HeaderMap) -> Html<String> {
    let cookie = headers.get(header::COOKIE).map_or("nobody", |cookie| cookie.to_str().unwrap());
    whole("Cookies", "", &format!("<h1>Cookies</h1><p>You are {cookie}.</p>"))
}

/// A hundred thousand times the letter a, as gzip has it.
pub(crate) const SMALL: &[u8] = include_bytes!("letters.gz");

async fn compressed() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html"), (header::CONTENT_ENCODING, "gzip")], SMALL)
}

async fn strict() -> impl IntoResponse {
    let policy = "default-src 'none'; img-src 'self'";
    let body = "<h1>Strict</h1><script>document.title = 'It ran'</script><img src=/icon>";
    ([(header::CONTENT_SECURITY_POLICY, policy)], whole("Strict", "", body))
}

async fn icon() -> impl IntoResponse {
    let icon =
        "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='8' height='8'/></svg>";
    ([(header::CONTENT_TYPE, "image/svg+xml")], icon)
}

/// Says one thing, and then nothing for ever.
async fn stream_hello() -> impl IntoResponse {
    let said = stream::once(async { Ok::<_, Infallible>(Event::default().data("hello")) });
    Sse::new(said.chain(stream::pending()))
}
