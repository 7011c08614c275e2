//! The official Rust SDK, an implementation that shares no code with ours, in both encodings.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use centrifuge::{Client, Protocol};
use hub::app::App;
use hub::features::accounts::make_chat_token;
use hub::testing::{TestHub, TestPerson};
use serde_json::{Value, json};
use tokio::sync::mpsc;

fn client(hub: &TestHub, who: TestPerson, protocol: Protocol) -> Client {
    let app: App = Arc::clone(&hub.app);
    let url = format!("ws://{}/connection/websocket", hub.address());
    Client::builder(url)
        .protocol(protocol)
        .min_reconnect_delay(Duration::from_millis(10))
        .get_token(move |_| {
            let made = make_chat_token(&app, who.person, who.device).expect("a token");
            async move { Ok(Some(made.0)) }
        })
        .build()
        .expect("a client")
}

#[tokio::test]
async fn the_sdk_sends_receives_and_recovers_in_both_encodings() {
    let hub = TestHub::start().await;
    let (one, other) = (hub.person("林禾川").await, hub.person("沈一宁").await);
    for protocol in [Protocol::Protobuf, Protocol::Json] {
        let room = hub.group(&[one, other]).await;
        let (writer, reader) = (client(&hub, one, protocol), client(&hub, other, protocol));
        let (seen, mut publications) = mpsc::unbounded_channel();
        let recovered = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&recovered);
        let subscription = reader
            .new_subscription(format!("room:{room}"))
            .recoverable(true)
            .on_subscribed(move |_, event| {
                noted.lock().expect("noted").push(event.recovered);
            })
            .on_publication(move |_, event| {
                let data: Value = serde_json::from_slice(&event.data).expect("an envelope");
                let _ = seen.send((event.offset, data));
            })
            .build()
            .expect("a subscription");
        subscription.subscribe();
        reader.connect().expect("connecting");
        writer.connect().expect("connecting");
        subscription.ready(None).await.expect("subscribed");
        let send = |number: u64| {
            let data = json!({ "room": room, "cid": format!("c{number}"), "text": "你好\n党小组" });
            writer.rpc("msg.send", data.to_string())
        };
        for number in 1..=3 {
            let sent: Value =
                serde_json::from_slice(&send(number).await.expect("sent").data).expect("JSON");
            assert_eq!(sent["seq"], number);
        }
        // Away while more is written, then back from where it was.
        reader.disconnect();
        for number in 4..=5 {
            send(number).await.expect("sent");
        }
        hub.write_many(room, one, "many", 300).await;
        reader.connect().expect("connecting");
        for number in 1..=305_u64 {
            let (offset, data) = publications.recv().await.expect("a publication");
            assert_eq!(offset, number);
            if number <= 5 {
                assert_eq!(data["b"]["text"], "你好\n党小组");
            }
        }
        assert_eq!(recovered.lock().expect("noted").as_slice(), [false, true]);
        reader.close().await;
        writer.close().await;
    }
    hub.stop().await;
}
