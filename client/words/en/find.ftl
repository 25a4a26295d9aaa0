find-title = What is on
find-lead = Tickets that somebody cannot use, for whoever wants to go.
find-words = Artist, team, venue or city
find-search = Search
find-more = More filters
find-any-category = Any kind
find-clear = Clear all filters
find-empty-title = Nothing here yet
find-empty = Nobody offers a ticket like this at the moment. Try fewer words, or another city.
find-count =
    { $number ->
        [one] { $number } ticket on this page
       *[other] { $number } tickets on this page
    }
field-q = Search
field-category = Kind
field-city = City
field-from = From
field-to = Until
field-min = Lowest price
field-max = Highest price
field-sort = Order by
sort-newest = Newest
sort-starts_at = Date
sort-price = Lowest price
sort--price = Highest price
ticket-reserve = Reserve for 15 minutes
ticket-reserve-hint = You pay afterwards, and nothing is charged until the ticket is yours.
ticket-your-own = This is your own listing.
ticket-edit = Edit your listing
ticket-reserved = Somebody is holding this ticket at the moment. If they do not pay, it is on offer again within minutes.
ticket-sold = This ticket has been sold.
ticket-withdrawn = This ticket is no longer on offer.
ticket-past = This has begun already, so its tickets are no longer sold.
ticket-when = When
ticket-where = Where
ticket-seat = Place
ticket-no-place = Unreserved
ticket-others = Others like it
ticket-description = { $title } at { $venue }, { $city }, on { $day }. { $price }.
