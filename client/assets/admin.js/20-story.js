// A line that is led to opens.
{
  const opened = () => {
    const line = location.hash.startsWith("#event-") && document.getElementById(location.hash.slice(1));
    if (line) line.querySelector("details").open = true;
  };
  addEventListener("hashchange", opened);
  opened();
}
