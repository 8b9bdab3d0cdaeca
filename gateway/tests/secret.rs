//! The file that holds the secret.

use everwire_gateway::secret::{find, find_or_make};

#[test]
fn gateways_that_start_at_once_agree_on_one_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let found: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| find_or_make(&path).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let kept = find(&path).unwrap();
    assert!(found.iter().all(|(secret, _)| *secret == kept));
    assert_eq!(found.iter().filter(|(_, made)| *made).count(), 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no half-made file is left");
}

#[test]
fn an_empty_file_is_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    find_or_make(&path).unwrap();
    for empty in ["", " \n"] {
        std::fs::write(&path, empty).unwrap();
        assert!(find_or_make(&path).unwrap_err().to_string().contains("holds no secret"));
    }
}
