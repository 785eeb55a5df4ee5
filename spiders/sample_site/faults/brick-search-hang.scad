// Euler brick box: finds whole-number edges whose face diagonals are whole too, then draws the box.
// It looks at every combination, and there are many.
limit = 9000;

function is_whole(v) = v == floor(v);

bricks = [
    for (a = [1 : limit], b = [a : limit], c = [b : limit])
        if (is_whole(norm([a, b])) && is_whole(norm([b, c])) && is_whole(norm([a, c])) && is_whole(norm([a, b, c])))
            [a, b, c]
];
cube(bricks[0]);
