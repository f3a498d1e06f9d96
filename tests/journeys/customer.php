<?php
// A customer's script as it was written for callbacks of the Sigfox cloud; it writes down what it was told.
$told = array();
foreach (array("id", "time", "duplicate", "snr", "station", "data", "avgSignal", "lat", "lng", "rssi", "seqNumber") as $name) {
    $told[$name] = $_GET[$name];
}
file_put_contents(getenv("TOLD"), json_encode($told) . "\n", FILE_APPEND);
header("Content-Type: application/json");
echo json_encode(array($_GET["id"] => array("downlinkData" => "0102030405060708")));
